"""Whose requests a pool takes, what they ask of its experts, and who helps when nobody can (teleexpertise.md §4)."""

from teleexpertise.dispatch.policies.model import Origin, Policy, Requirement, Served, Taker, fallback_at, take

__all__ = ["Origin", "Policy", "Requirement", "Served", "Taker", "fallback_at", "take"]
