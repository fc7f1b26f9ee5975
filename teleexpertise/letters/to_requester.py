"""Mails to whoever asked: received, not complete yet, not taken, a question, nothing more to do.

An acknowledgement says what happens next and when; an incomplete request gets one mail that names everything that is
missing at once, and two ways to give it.  The answer itself is `answer`.
"""

from collections.abc import Sequence
from datetime import datetime

from miss.mail.outbound.model import AutoSubmitted, OutboundMail
from teleexpertise.letters.envelope import SIGNATURE, Correspondent, Platform, Thread, greeting, moment, paragraphs, say

LOST_WISH = (
    "L’expert que vous avez nommé n’est dans aucun des groupes qui reçoivent ces demandes, ou plusieurs portent ce "
    "nom : votre demande va à l’expert dont c’est le tour."
)
EMERGENCY = (
    "Vous avez signalé un signe d’alerte : la téléexpertise ne remplace pas l’urgence. "
    "Si l’état du patient l’exige, appelez le 15."
)


def acknowledgement(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    form_title: str,
    deadline_at: datetime,
    is_alert: bool,
    refused_files: Sequence[str],
    lost_wish: bool = False,
) -> OutboundMail:
    """The request is complete and will be answered by `deadline_at`."""
    return say(
        platform, to, thread,
        f"Votre demande {number} ({form_title}) est enregistrée. Un expert disponible est sollicité ; "
        f"réponse attendue au plus tard {moment(deadline_at)}.",
        EMERGENCY if is_alert else "",
        LOST_WISH if lost_wish else "",
        _listed("Pièces jointes non reprises (répondez à ce message pour les renvoyer) :", refused_files),
        f"Suivre la demande : {platform.page_of(number)}",
        "L’avis vous parviendra en réponse à ce fil, dans le corps d’un message lisible par votre logiciel.",
        number=number, kind="ack", label="demande enregistrée", auto=AutoSubmitted.REPLIED,
    )  # fmt: skip


def incomplete(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    form_title: str,
    rank: int,
    problems: Sequence[str],
    refused_files: Sequence[str],
    lines_to_fill: Sequence[str],
) -> OutboundMail:
    """What is missing, all at once.  `rank` counts these mails for one request.

    `lines_to_fill`: the beginnings of lines (`d.debut : `) that a reply may complete.
    """
    title = f" ({form_title})" if form_title else ""
    by_mail = "\n".join(
        (
            "1. Par messagerie : répondez à ce message avec seulement ce qui manque, une ligne par réponse"
            " (et les photos en pièces jointes) :",
            *(f"   {line}" for line in lines_to_fill),
        )
    )
    return say(
        platform, to, thread,
        f"Votre demande {number}{title} est conservée, mais elle ne peut pas encore partir.",
        _listed("À compléter ou à corriger :", problems),
        _listed("Pièces jointes non reprises :", refused_files),
        "Deux façons de la compléter, au choix :",
        by_mail,
        "2. Sur le site, où tout ce que vous avez déjà écrit est repris :\n"
        f"   {platform.page_of(number)}/completer",
        "Tant qu’elle n’est pas complète, aucun expert n’est sollicité. En cas d’urgence, appelez le 15.",
        number=number, kind=f"incomplete-{rank}", label="demande à compléter", auto=AutoSubmitted.REPLIED,
    )  # fmt: skip


def waiting(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    rank: int,
    reason: str,
    refused_files: Sequence[str],
) -> OutboundMail:
    """Complete, and beyond the day's quota of the requester's establishment: it goes by itself tomorrow."""
    return say(
        platform, to, thread,
        f"Votre demande {number} est complète, mais elle n’est pas encore partie : aucun expert n’est sollicité.",
        reason,
        _listed("Pièces jointes non reprises :", refused_files),
        "Sans rien faire de plus, elle partira d’elle-même demain, dès 0 h. Si vous la modifiez d’ici là, ou pour la "
        "retirer, c’est sur le site, d’où il faudra alors l’envoyer :\n"
        f"{platform.page_of(number)}/completer",
        "En cas d’urgence, appelez le 15.",
        number=number, kind=f"waiting-{rank}", label="demande en attente", auto=AutoSubmitted.REPLIED,
    )  # fmt: skip


def refused(
    platform: Platform, to: Correspondent, thread: Thread | None, *, number: str, rank: int, reasons: Sequence[str]
) -> OutboundMail:
    """The answers themselves forbid sending: no consent, an objection.  The draft is kept."""
    return say(
        platform, to, thread,
        f"Votre demande {number} ne peut pas être transmise à un expert :",
        _listed("", reasons),
        "Elle est conservée sans être transmise. Si la situation change, corrigez-la ici :\n"
        f"{platform.page_of(number)}/completer",
        number=number, kind=f"refused-{rank}", label="demande non transmise", auto=AutoSubmitted.REPLIED,
    )  # fmt: skip


def conflict(platform: Platform, to: Correspondent, thread: Thread, *, number: str, reference: str) -> OutboundMail:
    """A second mail bears the Message-ID of the first and says something else."""
    return say(
        platform, to, thread,
        f"Un message portant le même identifiant que votre demande {number} est arrivé avec un autre contenu. "
        "La demande reste telle que vous l’aviez envoyée d’abord ; le second message est conservé à côté.",
        "S’il s’agit d’une nouvelle demande, renvoyez-la dans un nouveau message. S’il s’agit d’un complément, "
        "répondez à ce message-ci.",
        number=number, kind=f"conflict-{reference}", label="message en double, contenu différent",
        auto=AutoSubmitted.REPLIED,
    )  # fmt: skip


def question(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    form_title: str,
    reference: str,
    expert: str,
    asked: str,
    items: Sequence[str],
    lines_to_fill: Sequence[str] = (),
) -> OutboundMail:
    """The expert needs to know more; the deadline stands still until the requester answers.

    `lines_to_fill`: the beginnings of lines (`d.debut : `) that a reply may complete.
    """
    by_mail = "\n".join(
        (
            "Pour répondre point par point, complétez ces lignes dans votre réponse (photos en pièces jointes) :",
            *(f"   {line}" for line in lines_to_fill),
        )
    )
    return say(
        platform, to, thread,
        f"{expert} demande des précisions sur votre demande {number} ({form_title}) :",
        asked,
        _listed("Points à compléter :", items),
        by_mail if lines_to_fill else "",
        "Répondez à ce message (texte et photos sont transmis à l’expert), ou sur le site :\n"
        f"{platform.page_of(number)}",
        "L’échéance est suspendue jusqu’à votre réponse.",
        number=number, kind=f"question-{reference}", label="précisions demandées",
    )  # fmt: skip


def emergency(
    platform: Platform, to: Correspondent, thread: Thread | None, *, number: str, reference: str, form_title: str
) -> OutboundMail:
    """An expert sent it back as an emergency: said at once, whoever is asked next.  `reference`: the attempt."""
    return say(
        platform, to, thread,
        f"L’expert sollicité pour votre demande {number} ({form_title}) estime que la situation relève de l’urgence et "
        "non de la téléexpertise : APPELEZ LE 15 (Samu) ou adressez le patient aux urgences.",
        "N’attendez pas d’autre réponse pour agir. La demande est proposée à un confrère ; si elle n’a plus d’objet, "
        f"annulez-la ici :\n{platform.page_of(number)}",
        number=number, kind=f"emergency-{reference}", label="urgence : appelez le 15",
    )  # fmt: skip


def reoriented(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    *,
    number: str,
    reference: str,
    form_title: str,
    pool_name: str,
    deadline_at: datetime,
) -> OutboundMail:
    """The expert sent it to another pool; nothing has to be asked again.  `reference`: the attempt."""
    return say(
        platform, to, thread,
        f"L’expert sollicité pour votre demande {number} ({form_title}) la réoriente vers un autre groupe d’experts : "
        f"« {pool_name} ».",
        "Vous n’avez rien à refaire : la même demande leur est transmise, et sa réponse reste attendue au plus tard "
        f"{moment(deadline_at)}.",
        f"Suivre la demande : {platform.page_of(number)}",
        number=number, kind=f"reoriented-{reference}", label="demande réorientée",
    )  # fmt: skip


def closed(platform: Platform, to: Correspondent, thread: Thread, *, number: str, reference: str) -> OutboundMail:
    """A word on a request that has ended: kept, but no expert reads it any more."""
    return say(
        platform, to, thread,
        f"La demande {number} est close : votre message est conservé, mais il n’est pas transmis à l’expert.",
        "Pour un nouvel avis, envoyez une nouvelle demande, dans un nouveau message.",
        number=number, kind=f"closed-{reference}", label="demande close", auto=AutoSubmitted.REPLIED,
    )  # fmt: skip


def template(
    platform: Platform, to: Correspondent, thread: Thread, *, reference: str, form_title: str, template_text: str
) -> OutboundMail:
    """A form as text, to paste in any mail software."""
    text = paragraphs(
        greeting(to),
        f"Voici le modèle « {form_title} ». Copiez-le dans un nouveau message sous votre en-tête HPRIM, complétez-le, "
        f"joignez les photos et envoyez-le à {platform.mailbox.address}.",
        template_text,
    )
    return _outside(platform, to, thread, kind="template", reference=reference, text=text, label=form_title)


def known_forms(
    platform: Platform, to: Correspondent, thread: Thread, *, reference: str, forms: Sequence[str]
) -> OutboundMail:
    """The forms there are, for somebody who asked for the template of none of them."""
    text = paragraphs(
        greeting(to),
        _listed("Modèles disponibles :", forms),
        f"Pour recevoir un modèle, écrivez à {platform.mailbox.address} avec pour sujet « modèle » suivi de son nom, "
        f"par exemple « modèle {forms[0] if forms else 'dermatologie'} ».",
        SIGNATURE,
    )
    return _outside(platform, to, thread, kind="forms", reference=reference, text=text, label="modèles de demande")


def _outside(
    platform: Platform, to: Correspondent, thread: Thread, *, kind: str, reference: str, text: str, label: str
) -> OutboundMail:
    """A mail about no request: `reference` is the mail that it answers."""
    return OutboundMail(
        message_id=platform.message_id(kind, reference),
        sender=platform.mailbox,
        to=to.box,
        subject=f"Modèle de demande d’avis : {label}",
        text=text,
        in_reply_to=thread.message_id,
        references=(*thread.references, thread.message_id),
        auto_submitted=AutoSubmitted.REPLIED,
    )


def _listed(head: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return "\n".join((*([head] if head else []), *(f" - {line}" for line in lines)))
