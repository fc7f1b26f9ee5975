"""The real server of the pages' tests, its API asked by httpx."""

from tests.teleexpertise.web.conftest import site

__all__ = ["site"]
