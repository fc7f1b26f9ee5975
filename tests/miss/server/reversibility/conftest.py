"""Two hospitals with records, and people who keep their lists."""

from tests.miss.server.establishments.hospitals import hospitals

__all__ = ["hospitals"]
