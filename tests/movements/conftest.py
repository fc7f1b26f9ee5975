"""The fixture of these tests."""

from tests.miss.server.establishments.hospitals import hospitals

__all__ = ["hospitals"]
