"""What the owner of a device decides about others: whether their keys are really theirs.  protocol §6

Chains are verified without anybody's help; this is about what they cannot show: that the operator started a
person's devices over, or that the server shows each side another chain.
"""

from collections.abc import Callable

from miss.base.clock import from_ms
from miss.base.ids import AccountId
from miss.base.text import Language
from miss.client.errors import ContactReset, NotReachable
from miss.client.events import Announcer, ContactWarned
from miss.client.people.identities import Identities
from miss.client.people.model import Comparison, ContactWarning, WarningKind
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.safety import SafetyCard, compose_safety_card, parse_safety_card, safety_words
from miss.protocol.crypto.words import wordlist
from miss.protocol.errors import SafetyMismatch


class Contacts:
    """Warnings, acceptance, safety words and verified marks."""

    def __init__(
        self,
        store: Store,
        device: DeviceRecord,
        identities: Identities,
        time: ServerTime,
        announcer: Announcer,
        language: Language,
        wake: Callable[[], None],
    ) -> None:
        """`wake`: what waited for an acceptance, messages or members who leave, may go on."""
        self._store = store
        self._device = device
        self._identities = identities
        self._time = time
        self._announcer = announcer
        self._language = language
        self._wake = wake

    # Warnings

    def warnings(self) -> list[ContactWarning]:
        """What the owner has not accepted yet, the latest first; it survives a restart."""
        return [
            ContactWarning(uid, WarningKind(kind), from_ms(at_ms)) for uid, kind, at_ms in self._store.people.warnings()
        ]

    def is_blocked(self, uid: AccountId) -> bool:
        """True while nothing can be sent to this person, whose devices were started over."""
        return uid in self._store.people.list_unaccepted()

    def accept(self, uid: AccountId) -> None:
        """The owner has looked at the warnings about `uid` and goes on: they are gone, and sending is open again.

        What a reset had stopped leaves by itself: messages of the outbox, members on their way out.
        """
        self._store.people.accept(uid)
        for conversation in self._store.conversations.list_():
            for entry in self._store.outbox.list_(conversation.cid):
                if entry.failed == ContactReset.code:
                    self._store.outbox.retry(entry.mid)
        self._wake()

    # Comparing

    def safety_words(self, uid: AccountId) -> tuple[str, ...]:
        """Six words that are the same on both sides, if both are shown the same devices; to be read out aloud.

        They change with every link of either chain.  Raises NotReachable for a stranger.
        """
        return safety_words(self._card(uid).number, wordlist(self._language))

    def qr(self, uid: AccountId) -> bytes:
        """What the other side scans and gives to its `compare`.  Raises NotReachable for a stranger."""
        return self._card(uid).to_bytes()

    async def compare(self, uid: AccountId, scanned: bytes) -> Comparison:
        """Compare the code that `uid` shows with what this device sees, both chains being fetched again first.

        A match marks the contact as verified.  Raises BadSafetyCard, SafetyMismatch (`persons`: the code of somebody
        else, or for somebody else), and as `Identities.refresh`.
        """
        card = parse_safety_card(scanned)
        if (card.uid, card.uid_other) != (uid, self._device.uid):
            raise SafetyMismatch(reason="persons")
        theirs = await self._identities.refresh(uid)
        own = await self._identities.refresh(self._device.uid)
        if (card.head, card.head_other) == (theirs.head, own.head):
            self.set_verified(uid)
            return Comparison.MATCH
        if _had(theirs, card.head) and _had(own, card.head_other):
            return Comparison.BEHIND
        # A state that this device was never shown, even now: the server tells each side another story.
        self._store.people.set_verified(uid, None)
        self._store.people.warn(uid, [WarningKind.SPLIT_VIEW], self._time.now_ms())
        self._announcer.announce(ContactWarned(uid, WarningKind.SPLIT_VIEW))
        return Comparison.MISMATCH

    def set_verified(self, uid: AccountId, verified: bool = True) -> None:
        """Both sides read the same six words, or the owner takes the mark back.  Raises NotReachable."""
        resets = self._chain(uid).resets
        self._store.people.set_verified(uid, resets if verified else None)

    def is_verified(self, uid: AccountId) -> bool:
        """True if the keys were compared once and only grew since: a device let in by another of that person's is
        vouched for by the chain; a reset is not, and takes the mark away."""
        record = self._store.people.find_contact(uid)
        return record is not None and record.verified_resets == record.resets

    def _card(self, uid: AccountId) -> SafetyCard:
        own, theirs = self._chain(self._device.uid), self._chain(uid)
        return compose_safety_card(self._device.uid, own.head, uid, theirs.head)

    def _chain(self, uid: AccountId) -> Chain:
        chain = self._identities.find(uid)
        if chain is None:
            raise NotReachable(uid=uid.hex())
        return chain


def _had(chain: Chain, head: bytes) -> bool:
    return any(state.head == head for state in chain.states())
