"""Notices to experts and coordinators: a number, a specialty, a time, a link.  Nothing clinical, no patient."""

from dataclasses import replace
from datetime import datetime

from miss.mail.outbound.model import AutoSubmitted, OutboundMail
from teleexpertise.letters.envelope import SIGNATURE, Correspondent, Platform, Thread, moment, paragraphs, say


def offer(
    platform: Platform,
    to: Correspondent,
    *,
    number: str,
    attempt_id: str,
    form_title: str,
    deadline_at: datetime,
    expires_at: datetime,
) -> OutboundMail:
    """It is this expert's turn."""
    return say(
        platform, to, None,
        f"Une demande d’avis vous est proposée : {number}, {form_title}.\n"
        f"Réponse attendue au plus tard {moment(deadline_at)}.\n"
        f"À prendre en charge avant {moment(expires_at)} ; passé ce délai, elle est proposée à un confrère.",
        f"La lire, l’accepter ou la décliner : {platform.page_of(number)}",
        number=number, kind=f"offer-{attempt_id}", label=f"avis demandé ({form_title})",
    )  # fmt: skip


def clarified(
    platform: Platform, to: Correspondent, *, number: str, reference: str, form_title: str, deadline_at: datetime
) -> OutboundMail:
    """The requester wrote more."""
    return say(
        platform, to, None,
        f"Le demandeur a complété la demande {number} ({form_title}).\n"
        f"Réponse attendue au plus tard {moment(deadline_at)}.",
        f"La lire et y répondre : {platform.page_of(number)}",
        number=number, kind=f"added-{reference}", label="complément du demandeur",
    )  # fmt: skip


def withdrawn(platform: Platform, to: Correspondent, *, number: str, form_title: str) -> OutboundMail:
    """The requester took it back while this expert held it."""
    return say(
        platform, to, None,
        f"Le demandeur a annulé la demande {number} ({form_title}) : vous n’avez plus rien à faire.",
        number=number, kind="withdrawn", label="demande annulée",
    )  # fmt: skip


def taken_back(platform: Platform, to: Correspondent, *, number: str, form_title: str, reference: str) -> OutboundMail:
    """The coordinator took it from this expert."""
    return say(
        platform, to, None,
        f"Le coordinateur de votre groupe a repris la demande {number} ({form_title}) pour la confier à quelqu’un "
        "d’autre : vous n’avez plus rien à faire.",
        number=number, kind=f"taken-back-{reference}", label="demande reprise",
    )  # fmt: skip


def use_the_page(platform: Platform, to: Correspondent, thread: Thread, *, number: str, reference: str) -> OutboundMail:
    """An expert answered a notice by mail: the advice has to be given on the page, where it is structured."""
    return say(
        platform, to, thread,
        f"Votre message au sujet de la demande {number} est conservé, mais il n’est pas parti vers le demandeur : "
        "l’avis se rend sur le site, où il est structuré pour le dossier du patient.",
        f"Rendre l’avis : {platform.page_of(number)}",
        number=number, kind=f"page-{reference}", label="répondez sur le site", auto=AutoSubmitted.REPLIED,
    )  # fmt: skip


def nobody_in_time(
    platform: Platform,
    to: Correspondent,
    *,
    number: str,
    form_title: str,
    pool_name: str,
    deadline_at: datetime,
    wake_at: datetime | None,
    reference: str = "",
    relief: str = "",
) -> OutboundMail:
    """No declared slot can meet the deadline: a person has to act.  `relief`: the pool that takes it meanwhile."""
    next_try = (
        f"Elle sera proposée à l’ouverture du prochain créneau connu : {moment(wake_at)}."
        if wake_at
        else "Aucun créneau n’est déclaré : elle n’avancera pas sans vous."
    )
    if relief:
        next_try = f"Un groupe de secours peut la prendre : elle est transmise à « {relief} »."
    return say(
        platform, to, None,
        f"La demande {number} ({form_title}, groupe « {pool_name} ») attend, et aucun créneau déclaré ne permet d’y "
        f"répondre avant son échéance, {moment(deadline_at)}.",
        next_try,
        f"Voir la file du groupe : {platform.link('/teleexpertise/coordination')}",
        number=number, kind=f"nobody-in-time{reference}", label="aucun créneau avant l’échéance",
    )  # fmt: skip


def discreet(platform: Platform, mail: OutboundMail) -> OutboundMail:
    """The same notice for somebody who lets mails say that there is something, and no more."""
    text = paragraphs(
        "Bonjour,",
        "Du nouveau vous attend dans la téléexpertise MiSS.",
        f"Le voir : {platform.link('/teleexpertise/avis')}",
        SIGNATURE,
    )
    return replace(mail, subject="Téléexpertise : du nouveau", text=text, in_reply_to="", references=())
