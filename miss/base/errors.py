"""One tree of errors, one table of codes.

Every error that can reach a person or another program is a leaf of `MissError` with a stable `code`, the sentence
that person reads, and what a client may do about it.  A leaf stands in the room that raises it; `error_table`
gathers them all.  Errors never carry keys, plaintext or patient data: their parameters may be logged.
"""

from math import ceil
from typing import Any, ClassVar

from miss.base.text import Language, Text

_TABLE: dict[str, type["MissError"]] = {}

RETRY_AFTER_S = 5
"""Told with what passes by itself and does not say when."""


class MissError(Exception):
    """Something was refused or failed in a way that has a name.

    `params` fill the placeholders of `text` and go to the log; they hold identifiers, counts, names of fields.
    """

    code: ClassVar[str] = "internal"
    http_status: ClassVar[int] = 500
    temporary: ClassVar[bool] = False
    """True: the same call may succeed later without a change."""
    text: ClassVar[Text] = Text(
        fr="Une erreur interne est survenue ; elle a été consignée. Réessayez dans un instant.",
        en="An internal error occurred and was logged. Please try again in a moment.",
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" in cls.__dict__:
            known = _TABLE.get(cls.code)
            if known is not None and (known.__module__, known.__qualname__) != (
                cls.__module__,
                cls.__qualname__,
            ):
                raise TypeError(f"error code {cls.code!r} is already that of {known.__qualname__}")
            _TABLE[cls.code] = cls

    def __init__(self, **params: object) -> None:
        self.params = params
        details = " ".join(f"{name}={value}" for name, value in params.items())
        super().__init__(f"{self.code} {details}".rstrip())

    @property
    def retry_after_s(self) -> int | None:
        """After how long the same call may succeed (Retry-After, RFC 9110 §10.2.3); None: it will not by itself."""
        asked = self.params.get("retry_after_s", RETRY_AFTER_S)
        return ceil(asked) if self.temporary and isinstance(asked, int | float) else None

    def sentence(self, language: Language = Language.FR) -> str:
        """What the person reads: what was wrong, where, and what to do next."""
        return self.text.in_(language, **self.params)


class BadInput(MissError):
    """What arrived is not what was asked for."""

    http_status = 400


class NotAuthenticated(MissError):
    """Nobody known is speaking."""

    http_status = 401


class Forbidden(MissError):
    """Somebody known asks for what is not theirs to do."""

    http_status = 403


class NotFound(MissError):
    """There is no such thing, or none the caller may know of."""

    code = "not_found"
    http_status = 404
    text = Text(
        fr="Cet élément n'existe pas, ou vous n'y avez pas accès.",
        en="This does not exist, or is not yours to see.",
    )


class Conflict(MissError):
    """The state has moved on, or the same identifier came with other content."""

    http_status = 409


class TooLarge(MissError):
    """Over a stated limit."""

    http_status = 413


class Locked(MissError):
    """Closed after too many tries; somebody has to open it again."""

    http_status = 423


class TooMany(MissError):
    """A rate limit; `retry_after_s` is in the parameters."""

    http_status = 429
    temporary = True


class Unavailable(MissError):
    """Something we depend on does not answer."""

    http_status = 503
    temporary = True


_TABLE[MissError.code] = MissError


def error_table() -> dict[str, type[MissError]]:
    """Every code known to the modules imported so far, sorted."""
    return dict(sorted(_TABLE.items()))
