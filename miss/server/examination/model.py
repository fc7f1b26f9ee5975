"""One finding: how grave it is, and a sentence that says what was seen and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from miss.base.errors import MissError
from miss.base.text import Language, Text


class Grade(IntEnum):
    """How grave; `miss check` ends with code 1 from PROBLEM on."""

    REMARK = 0  # a part that is off, and how to have it
    WARNING = 1  # will be a problem if nobody looks
    PROBLEM = 2  # something does not work, or could be lost


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one subject."""

    grade: Grade
    text: Text
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def sentence(self, language: Language = Language.FR) -> str:
        """The sentence in `language`."""
        return self.text.in_(language, **self.params)


def problem(fr: str, en: str, /, **params: object) -> Finding:
    """A finding of grade PROBLEM."""
    return Finding(Grade.PROBLEM, Text(fr=fr, en=en), params)


def warning(fr: str, en: str, /, **params: object) -> Finding:
    """A finding of grade WARNING."""
    return Finding(Grade.WARNING, Text(fr=fr, en=en), params)


def remark(fr: str, en: str, /, **params: object) -> Finding:
    """A finding of grade REMARK."""
    return Finding(Grade.REMARK, Text(fr=fr, en=en), params)


def of_error(error: MissError, subject: str = "") -> Finding:
    """A named error, as a problem; `subject`: what it is about, if its sentence does not say so."""
    said = f"{subject} : " if subject else ""
    fr, en = (f"{said}{error.sentence(language)}".replace("{", "{{").replace("}", "}}") for language in Language)
    return problem(fr, en)
