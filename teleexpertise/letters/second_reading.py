"""Mails about second readings: to the reader asked, to the expert who waits.  Nothing clinical, nobody's name."""

from datetime import datetime
from typing import Protocol

from miss.mail.outbound.model import OutboundMail
from teleexpertise.letters.envelope import Correspondent, Platform, moment, say


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
    return say(
        platform, to, None,
        f"Un confrère de votre groupe demande une seconde lecture ({form_title}). Le dossier vous est montré sans "
        "l’identité du patient ni celle du demandeur ; quelques lignes suffisent.",
        f"À rendre ou à décliner avant {moment(expires_at)} ; passé ce délai, elle est proposée à un confrère.",
        f"La lire : {platform.link(f'/teleexpertise/secondes-lectures/{reading_id}')}",
        number=number, kind=f"reading-{rank}-{reading_id}", label=f"seconde lecture ({form_title})",
    )  # fmt: skip


def given(platform: Platform, to: Correspondent, *, reading_id: str, number: str, form_title: str) -> OutboundMail:
    """The opinion is there."""
    return say(
        platform, to, None,
        f"La seconde lecture de la demande {number} ({form_title}) est rendue.",
        f"La lire : {platform.page_of(number)}",
        number=number, kind=f"read-{reading_id}", label="seconde lecture rendue",
    )  # fmt: skip


def nobody(platform: Platform, to: Correspondent, *, reading_id: str, number: str, form_title: str) -> OutboundMail:
    """Nobody could read it."""
    return say(
        platform, to, None,
        f"Aucun confrère n’a pu faire la seconde lecture de la demande {number} ({form_title}). Votre avis n’est plus "
        "attendu que de vous ; vous pouvez en demander une autre plus tard.",
        f"Revenir à la demande : {platform.page_of(number)}",
        number=number, kind=f"unread-{reading_id}", label="seconde lecture impossible",
    )  # fmt: skip


def withdrawn(platform: Platform, to: Correspondent, *, reading_id: str, number: str, form_title: str) -> OutboundMail:
    """The request ended before the reader had read."""
    return say(
        platform, to, None,
        f"La seconde lecture qui vous était demandée ({form_title}) n’a plus d’objet : vous n’avez plus rien à faire.",
        number=number, kind=f"unneeded-{reading_id}", label="seconde lecture sans objet",
    )  # fmt: skip
