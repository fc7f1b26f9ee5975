"""What other rooms are told when an answer leaves, in its own transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from miss.storage import Transaction
from teleexpertise.questionnaire.model import QuestionnaireResponse
from teleexpertise.requests.content import RequestContent
from teleexpertise.requests.model import ExpertiseRequest


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answered:
    """An answer that leaves, for the first time or corrected."""

    request: ExpertiseRequest
    """As it is from now on."""
    content: RequestContent
    response: QuestionnaireResponse
    """The `reponse` form."""
    at: datetime


AnswerListener = Callable[[Transaction, Answered], Awaitable[None]]
"""Told under the locks of pool and request; a corrected answer is told as well and takes the earlier one's place."""
