"""The link by which requester and expert go on talking about a request in MiSS, each on their own device."""

from dataclasses import dataclass

from teleexpertise.messaging import talk_link
from teleexpertise.requests.model import TOLD, State
from teleexpertise.requests.reading import Reader, View
from teleexpertise.requests.signing import name_of
from teleexpertise.web.desk import Desk

_KNOWN = frozenset({State.IN_PROGRESS, State.ON_HOLD, *TOLD})
"""From when on the requester may know who holds the request."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Whom to talk to, and what opens the conversation."""

    link: str
    name: str


async def talk_of(desk: Desk, view: View) -> Talk | None:
    """None: there is nobody to talk to yet, or they have no account here."""
    request = view.request
    peer = request.requester
    if view.reader is Reader.REQUESTER:
        if request.holder is None or request.state not in _KNOWN:
            return None
        peer = request.holder
    elif view.reader is not Reader.HOLDER:
        return None
    uid = await desk.service.parts.notices.find_account(peer)
    return Talk(talk_link(uid, request.number), name_of(view, peer)) if uid else None
