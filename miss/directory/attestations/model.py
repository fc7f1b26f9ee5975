"""The number of an attestation.  Pure.

Eighty random bits: nobody finds one by trying, and a number tells nothing about whose it is.
"""

from dataclasses import dataclass
from datetime import datetime

from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account
from miss.directory.accounts.codes import ALPHABET, normalise_code

LENGTH = 16
GROUP = 4


@dataclass(frozen=True, slots=True)
class Attestation:
    """That an account was verified, since when, and the number under which this can be checked."""

    number: str
    """`XXXX-XXXX-XXXX-XXXX`."""
    uid: AccountId
    since: datetime
    """When the account entered the verified state that this attests."""
    issued_at: datetime

    def holds(self, account: Account) -> bool:
        """False once the account left that state, be it to come back to it: a new one is asked for then."""
        return account.is_active and account.verification_since == self.since


def compose_number(random_bytes: RandomBytes) -> str:
    """A fresh number."""
    number = int.from_bytes(random_bytes(10), "big")
    return _grouped("".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(LENGTH)))


def normalise_number(text: str) -> str:
    """A number as it is kept, from one that was typed; empty for what is none."""
    typed = normalise_code(text[:64])
    return _grouped(typed) if len(typed) == LENGTH and set(typed) <= set(ALPHABET) else ""


def _grouped(characters: str) -> str:
    return "-".join(characters[start : start + GROUP] for start in range(0, LENGTH, GROUP))
