"""Notices as MiSS messages, from the platform's own device.

Only a number crosses, and that something happened: the platform's device keys lie on the server, so nothing clinical
may pass through them (ADR 12).  Mails go out as ever; who has no device gets those only.  Services teach what their
kinds of notices say.
"""

from miss.server.notices.device import PlatformDevice, platform_device
from miss.server.notices.model import Words
from miss.server.notices.service import Notices

__all__ = ["Notices", "PlatformDevice", "Words", "platform_device"]
