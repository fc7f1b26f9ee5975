"""Mails about second readings: to the reader asked, to the expert who waits.  Nothing clinical, nobody's name."""

from datetime import datetime
from typing import Protocol

from miss.mail.outbound.model import AutoSubmitted, OutboundMail
from teleexpertise.letters.envelope import SIGNATURE, Correspondent, Platform, greeting, moment, on_thread, paragraphs


class Notice(Protocol):
    """A letter that needs to know no more than the reading and its request."""

    def __call__(
        self, platform: Platform, to: Correspondent, *, reading_id: str, number: str, form_title: str
    ) -> OutboundMail: ...


def asked(
    platform: Platform,
    to: Correspondent,
    *,
    reading_id: str,
    rank: int,
    number: str,
    form_title: str,
    expires_at: datetime,
) -> OutboundMail:
    """A colleague would like this expert's eyes too.  `rank` counts the readers asked."""
    text = paragraphs(
        greeting(to),
        f"Un confrère de votre groupe demande une seconde lecture ({form_title}). Le dossier vous est montré sans "
        "l’identité du patient ni celle du demandeur ; quelques lignes suffisent.",
        f"À rendre ou à décliner avant {moment(expires_at)} ; passé ce délai, elle est proposée à un confrère.",
        f"La lire : {platform.link(f'/teleexpertise/secondes-lectures/{reading_id}')}",
        SIGNATURE,
    )
    return _notice(platform, to, number, f"reading-{rank}-{reading_id}", f"seconde lecture ({form_title})", text)


def given(platform: Platform, to: Correspondent, *, reading_id: str, number: str, form_title: str) -> OutboundMail:
    """The opinion is there."""
    text = paragraphs(
        greeting(to),
        f"La seconde lecture de la demande {number} ({form_title}) est rendue.",
        f"La lire : {platform.link(f'/teleexpertise/demandes/{number}')}",
        SIGNATURE,
    )
    return _notice(platform, to, number, f"read-{reading_id}", "seconde lecture rendue", text)


def nobody(platform: Platform, to: Correspondent, *, reading_id: str, number: str, form_title: str) -> OutboundMail:
    """Nobody could read it."""
    text = paragraphs(
        greeting(to),
        f"Aucun confrère n’a pu faire la seconde lecture de la demande {number} ({form_title}). Votre avis n’est plus "
        "attendu que de vous ; vous pouvez en demander une autre plus tard.",
        f"Revenir à la demande : {platform.link(f'/teleexpertise/demandes/{number}')}",
        SIGNATURE,
    )
    return _notice(platform, to, number, f"unread-{reading_id}", "seconde lecture impossible", text)


def withdrawn(platform: Platform, to: Correspondent, *, reading_id: str, number: str, form_title: str) -> OutboundMail:
    """The request ended before the reader had read."""
    text = paragraphs(
        greeting(to),
        f"La seconde lecture qui vous était demandée ({form_title}) n’a plus d’objet : vous n’avez plus rien à faire.",
        SIGNATURE,
    )
    return _notice(platform, to, number, f"unneeded-{reading_id}", "seconde lecture sans objet", text)


def _notice(platform: Platform, to: Correspondent, number: str, kind: str, label: str, text: str) -> OutboundMail:
    return on_thread(platform, to, None, number=number, kind=kind, label=label, text=text, auto=AutoSubmitted.GENERATED)
