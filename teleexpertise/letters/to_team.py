"""Notices to experts and coordinators: a number, a specialty, a time, a link.  Nothing clinical, no patient."""

from dataclasses import replace
from datetime import datetime

from miss.mail.outbound.model import AutoSubmitted, OutboundMail
from teleexpertise.letters.envelope import (
    SIGNATURE,
    Correspondent,
    Platform,
    Thread,
    greeting,
    moment,
    on_thread,
    paragraphs,
)


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
    text = paragraphs(
        greeting(to),
        f"Une demande d’avis vous est proposée : {number}, {form_title}.\n"
        f"Réponse attendue au plus tard {moment(deadline_at)}.\n"
        f"À prendre en charge avant {moment(expires_at)} ; passé ce délai, elle est proposée à un confrère.",
        f"La lire, l’accepter ou la décliner : {platform.link(_page(number))}",
        SIGNATURE,
    )
    return _notice(platform, to, number, kind=f"offer-{attempt_id}", label=f"avis demandé ({form_title})", text=text)


def clarified(
    platform: Platform, to: Correspondent, *, number: str, reference: str, form_title: str, deadline_at: datetime
) -> OutboundMail:
    """The requester wrote more."""
    text = paragraphs(
        greeting(to),
        f"Le demandeur a complété la demande {number} ({form_title}).\n"
        f"Réponse attendue au plus tard {moment(deadline_at)}.",
        f"La lire et y répondre : {platform.link(_page(number))}",
        SIGNATURE,
    )
    return _notice(platform, to, number, kind=f"added-{reference}", label="complément du demandeur", text=text)


def withdrawn(platform: Platform, to: Correspondent, *, number: str, form_title: str) -> OutboundMail:
    """The requester took it back while this expert held it."""
    text = paragraphs(
        greeting(to),
        f"Le demandeur a annulé la demande {number} ({form_title}) : vous n’avez plus rien à faire.",
        SIGNATURE,
    )
    return _notice(platform, to, number, kind="withdrawn", label="demande annulée", text=text)


def taken_back(platform: Platform, to: Correspondent, *, number: str, form_title: str, reference: str) -> OutboundMail:
    """The coordinator took it from this expert."""
    text = paragraphs(
        greeting(to),
        f"Le coordinateur de votre groupe a repris la demande {number} ({form_title}) pour la confier à quelqu’un "
        "d’autre : vous n’avez plus rien à faire.",
        SIGNATURE,
    )
    return _notice(platform, to, number, kind=f"taken-back-{reference}", label="demande reprise", text=text)


def use_the_page(platform: Platform, to: Correspondent, thread: Thread, *, number: str, reference: str) -> OutboundMail:
    """An expert answered a notice by mail: the advice has to be given on the page, where it is structured."""
    text = paragraphs(
        greeting(to),
        f"Votre message au sujet de la demande {number} est conservé, mais il n’est pas parti vers le demandeur : "
        "l’avis se rend sur le site, où il est structuré pour le dossier du patient.",
        f"Rendre l’avis : {platform.link(_page(number))}",
        SIGNATURE,
    )
    return _notice(
        platform, to, number, kind=f"page-{reference}", label="répondez sur le site", text=text,
        auto=AutoSubmitted.REPLIED, thread=thread,
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
    text = paragraphs(
        greeting(to),
        f"La demande {number} ({form_title}, groupe « {pool_name} ») attend, et aucun créneau déclaré ne permet d’y "
        f"répondre avant son échéance, {moment(deadline_at)}.",
        next_try,
        f"Voir la file du groupe : {platform.link('/teleexpertise/coordination')}",
        SIGNATURE,
    )
    return _notice(
        platform, to, number, kind=f"nobody-in-time{reference}", label="aucun créneau avant l’échéance", text=text
    )


def discreet(platform: Platform, mail: OutboundMail) -> OutboundMail:
    """The same notice for somebody who lets mails say that there is something, and no more."""
    text = paragraphs(
        "Bonjour,",
        "Du nouveau vous attend dans la téléexpertise MiSS.",
        f"Le voir : {platform.link('/teleexpertise/avis')}",
        SIGNATURE,
    )
    return replace(mail, subject="Téléexpertise : du nouveau", text=text, in_reply_to="", references=())


def _notice(
    platform: Platform,
    to: Correspondent,
    number: str,
    *,
    kind: str,
    label: str,
    text: str,
    auto: AutoSubmitted = AutoSubmitted.GENERATED,
    thread: Thread | None = None,
) -> OutboundMail:
    return on_thread(platform, to, thread, number=number, kind=kind, label=label, text=text, auto=auto)


def _page(number: str) -> str:
    return f"/teleexpertise/demandes/{number}"
