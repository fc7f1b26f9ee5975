"""Pools as people run them: what is written about one, who is in it, what was changed by whom, and undoing it."""

from teleexpertise.dispatch.pools.model import Change, Sheet
from teleexpertise.dispatch.pools.service import Pools

__all__ = ["Change", "Pools", "Sheet"]
