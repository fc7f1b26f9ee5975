"""The lines that queued mails leave by: at most so many at once toward one domain, each domain in its turn."""

from miss.mail.outbound.lines.model import LineLimits
from miss.mail.outbound.lines.service import Lines

__all__ = ["LineLimits", "Lines"]
