"""How much the mails of the platform tell somebody: nothing, that there is something, or what it is."""

from miss.directory.preferences.model import LEVEL_NAMES, NotificationLevel
from miss.directory.preferences.service import Preferences

__all__ = ["LEVEL_NAMES", "NotificationLevel", "Preferences"]
