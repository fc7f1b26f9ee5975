"""Randomness as an argument: `RandomBytes` is handed in, so that tests can repeat a run to the byte."""

import secrets
from collections.abc import Callable

RandomBytes = Callable[[int], bytes]
"""`random_bytes(n)` returns n bytes fit for keys."""

system_random: RandomBytes = secrets.token_bytes
"""The operating system's generator."""
