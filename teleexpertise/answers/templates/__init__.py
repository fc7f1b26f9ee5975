"""Answer texts that experts use again: an expert's own, and those that a pool's coordinator shares."""

from teleexpertise.answers.templates.model import AnswerTemplate, Owner, OwnerKind
from teleexpertise.answers.templates.service import AnswerTemplates

__all__ = ["AnswerTemplate", "AnswerTemplates", "Owner", "OwnerKind"]
