"""A word of the requester after the answer: the expert who answered has a deadline for it, and a way to reply."""

from teleexpertise.requests.afterwards.model import ASK_WITHIN, AfterQuestion, may_ask_after
from teleexpertise.requests.afterwards.service import Afterwards

__all__ = ["ASK_WITHIN", "AfterQuestion", "Afterwards", "may_ask_after"]
