"""A question after an answer: until when it may be asked, and where it stands.  Pure.

The answer stays as it left: what is asked and replied stands beside it, among the words of the request; what changes
the answer is a correction (teleexpertise.md §5).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from miss.base.ids import PractitionerId, RequestId
from teleexpertise.requests.model import TOLD, ExpertiseRequest

ASK_WITHIN = timedelta(days=30)
"""How long after the answer a word of the requester still goes to who gave it."""
REPLY_CHARS = 5000


@dataclass(frozen=True, slots=True)
class AfterQuestion:
    """What waits for the expert who answered; what was asked is a sealed note."""

    request_id: RequestId
    holder: PractitionerId
    asked_at: datetime
    due_at: datetime
    settled_at: datetime | None = None
    """When they replied, or corrected their answer."""

    @property
    def is_open(self) -> bool:
        return self.settled_at is None


def may_ask_after(request: ExpertiseRequest, now: datetime) -> bool:
    """Whether a word still reaches who answered."""
    return request.state in TOLD and request.ended_at is not None and now <= request.ended_at + ASK_WITHIN


def asked(known: AfterQuestion | None, new: AfterQuestion) -> AfterQuestion:
    """`new` beside what waits already: a second word moves no deadline."""
    if known is None or not known.is_open:
        return new
    return replace(known, holder=new.holder)
