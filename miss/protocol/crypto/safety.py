"""Safety numbers: two persons confirm, by voice or by QR code, that they see each other's true devices.  protocol §6

    number = H("safety", uid_a ‖ head_a ‖ uid_b ‖ head_b)        uid_a < uid_b
    card   = [v, uid, head, uid_other, head_other]               shown as a QR code by `uid`

A head is the hash of the last link of a chain: it says every device the person ever had.  If both sides compute the
same number, no server stands between them with devices of its own.  A comparison holds until one of the two chains
grows; six words carry 66 bits of the number, the QR code all of it.
"""

from typing import Final

from miss.base.ids import AccountId
from miss.protocol.crypto.primitives import VERSION, hash_, same
from miss.protocol.crypto.words import words_of
from miss.protocol.errors import BadSafetyCard, SafetyMismatch
from miss.protocol.ids import Hash, Uid
from miss.protocol.packing import Form, Signed

SAFETY_WORDS: Final = 6
MAX_CARD_BYTES: Final = 128


class SafetyCard(Signed, frozen=True):
    """What one side sees of both."""

    v: int
    uid: Uid
    """Who shows it, and the head of that person's own chain."""
    head: Hash
    uid_other: Uid
    """The contact, and the head that the first one knows."""
    head_other: Hash

    def to_bytes(self) -> bytes:
        return _CARD.compose(self)

    @property
    def number(self) -> bytes:
        return safety_number(self.uid, self.head, self.uid_other, self.head_other)


_CARD = Form(SafetyCard, BadSafetyCard, MAX_CARD_BYTES, version=VERSION)


def safety_number(uid: AccountId, head: bytes, uid_other: AccountId, head_other: bytes) -> bytes:
    """The number (32 bytes) that both sides compute, in either order."""
    sides = sorted([(uid, head), (uid_other, head_other)])
    return hash_("safety", b"".join(side_uid + side_head for side_uid, side_head in sides))


def safety_words(number: bytes, words: tuple[str, ...]) -> tuple[str, ...]:
    """Six words for the first 66 bits of `number`, from a list of 2048 (`words.wordlist`)."""
    return words_of(number, SAFETY_WORDS, words)


def compose_safety_card(uid: AccountId, head: bytes, uid_other: AccountId, head_other: bytes) -> SafetyCard:
    """What `uid` shows to `uid_other`; `to_bytes()` is the content of the QR code."""
    return SafetyCard(VERSION, uid, head, uid_other, head_other)


def parse_safety_card(data: bytes) -> SafetyCard:
    """The card in a scanned code.  Raises BadSafetyCard, UnsupportedVersion."""
    return _CARD.parse(data)


def compare_safety(scanned: SafetyCard, own: SafetyCard) -> None:
    """Check that the contact's card and one's own say the same.

    Raises SafetyMismatch: `persons` if the card is not the contact's for oneself, `devices` if the heads differ.
    """
    if (scanned.uid, scanned.uid_other) != (own.uid_other, own.uid):
        raise SafetyMismatch(reason="persons")
    if not same(scanned.number, own.number):
        raise SafetyMismatch(reason="devices")
