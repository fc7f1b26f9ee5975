"""Structured logs without health data and without secrets.

One line per event, `event` a stable dotted name.  Values are identifiers, counts, codes, times; the redaction
processor empties any field whose name says that it carries content, a secret or a person, so that a slip in one call
does not become a leak.
"""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

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
        renderers: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        # Plain tracebacks: the pretty ones print local variables, that is, what people wrote.
        renderers = [
            structlog.dev.ConsoleRenderer(colors=file.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
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
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
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
