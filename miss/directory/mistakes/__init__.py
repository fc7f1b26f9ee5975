"""« Signaler une erreur »: what a reader of the directory holds for wrong, until a technician has looked at it.

Reports are about somebody else's entry and bind nobody: what the register says is corrected at its source, what the
platform says of an entry by a technician.
"""

from miss.directory.mistakes.errors import (
    MistakeAlreadyClosed,
    MistakeNotFound,
    MistakeWordsRefused,
    TooManyMistakes,
)
from miss.directory.mistakes.model import KIND_NAMES, OUTCOME_NAMES, Mistake, MistakeKind, Outcome
from miss.directory.mistakes.service import Mistakes

__all__ = [
    "KIND_NAMES",
    "OUTCOME_NAMES",
    "Mistake",
    "MistakeAlreadyClosed",
    "MistakeKind",
    "MistakeNotFound",
    "MistakeWordsRefused",
    "Mistakes",
    "Outcome",
    "TooManyMistakes",
]
