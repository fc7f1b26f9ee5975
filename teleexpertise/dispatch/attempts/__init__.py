"""Attempts: one expert asked for one request, at most one live per request."""

from teleexpertise.dispatch.attempts.model import Attempt, AttemptState, DeclineReason

__all__ = ["Attempt", "AttemptState", "DeclineReason"]
