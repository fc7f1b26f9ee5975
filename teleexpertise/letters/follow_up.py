"""Mails to the requester after an answer: whether the patient knows, and photographs to be taken again."""

from datetime import datetime

from miss.mail.outbound.model import OutboundMail
from teleexpertise.letters.envelope import Correspondent, Platform, Thread, moment, say


def closing_path(number: str) -> str:
    """The page on which a requester says that the patient knows."""
    return f"/teleexpertise/demandes/{number}/cloture"


def follow_up_path(number: str) -> str:
    """The page that begins a follow-up."""
    return f"/teleexpertise/demandes/{number}/suivi"


def ask_informed(
    platform: Platform, to: Correspondent, thread: Thread | None, *, number: str, form_title: str, answered_at: datetime
) -> OutboundMail:
    """A week after the answer, once: does the patient know?"""
    return say(
        platform, to, thread,
        f"L’avis sur votre demande {number} ({form_title}) vous a été rendu le {moment(answered_at)}. "
        "La demande reste ouverte tant que vous n’avez pas indiqué que le patient est informé.",
        f"Un geste suffit : {platform.link(closing_path(number))}",
        "C’est le seul rappel.",
        number=number, kind=f"informed-{answered_at:%Y%m%d%H%M}", label="le patient est-il informé ?",
    )  # fmt: skip


def photographs_due(
    platform: Platform, to: Correspondent, thread: Thread | None, *, number: str, form_title: str, answered_at: datetime
) -> OutboundMail:
    """The day has come that the expert named."""
    return say(
        platform, to, thread,
        f"L’avis sur votre demande {number} ({form_title}), rendu le {moment(answered_at)}, prévoit de nouvelles "
        "photos à cette date.",
        "La demande de suivi est préremplie ; restent les photos, les mesures et ce qui a changé :\n"
        f"{platform.link(follow_up_path(number))}",
        "L’expert qui a répondu est sollicité d’abord. En cas d’urgence, appelez le 15.",
        number=number, kind=f"photographs-{answered_at:%Y%m%d%H%M}", label="suivi photo attendu",
    )  # fmt: skip
