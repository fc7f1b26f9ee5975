"""Structured logs without health data and without secrets.

One line per event, `event` a stable dotted name.  Values are identifiers, counts, codes, times; the redaction
processor empties any field whose name says that it carries content, a secret or a person, so that a slip in one call
does not become a leak.
"""

import logging
import sys
from traceback import extract_tb
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from miss.base.errors import MissError
from miss.server.settings import LogFormat

REDACTED_NAMES = frozenset(
    {
        "password", "code", "token", "secret", "key_bytes", "authorization", "cookie", "body", "text", "plaintext",
        "subject", "patient", "family", "given", "birth_date", "matricule", "nir", "question", "answer", "photo",
        "mail_from", "address", "filename",
    }
)  # fmt: skip
REDACTED = "[…]"


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Empty the fields that must not be written."""
    return {name: REDACTED if name in REDACTED_NAMES else value for name, value in event.items()}


def where_it_failed(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """An exception as its types and places, cause after effect.

    Neither local variables nor the message of an error that is not ours: both may quote what somebody wrote.
    """
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        lines.append(str(error) if isinstance(error, MissError) else type(error).__qualname__)
        lines += [f"  {place.filename}:{place.lineno} in {place.name}" for place in extract_tb(error.__traceback__)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def configure_logs(log_format: LogFormat, level: str, file: TextIO | None = None) -> None:
    """Send our events and the libraries' log records to `file` (standard error), in one format."""
    file = file or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    if log_format is LogFormat.JSON:
        renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=file.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(file)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(where_it_failed),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These repeat each request or each query with its parameters: addresses and identifiers nobody needs in a log.
    for name in ("uvicorn.access", "sqlalchemy.engine", "httpx", "httpcore", "aiosqlite", "mail.log", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
