"""Notices as MiSS messages, from the platform's own device, and the link by which two people talk about a request.

Only a request's number crosses: the platform's device keys lie on the server, so nothing clinical may pass through
them (ADR on platform notices; architecture decision 12).  Mails go out as ever; who has no device gets those only.
"""

from teleexpertise.messaging.model import NoticeKind
from teleexpertise.messaging.service import Notices

__all__ = ["NoticeKind", "Notices"]
