"""People: the directory, whose keys changed, safety words."""

from clients.desktop.state import facts as f
from clients.desktop.sync import describe
from clients.desktop.sync.calls.base import Calls
from clients.desktop.sync.calls.values import Found, Safety
from miss.base.ids import AccountId
from miss.client.people.model import Comparison


class PeopleCalls(Calls):
    """The others."""

    async def directory(self, text: str) -> list[Found]:
        """People by name, specialty or town; this person apart."""
        entries = await self.client.directory(text)
        return [
            Found(one, one.uid is not None and self.client.contacts.is_verified(one.uid))
            for one in entries
            if one.uid != self.client.uid
        ]

    async def safety(self, uid: AccountId) -> Safety:
        """Six words and a card."""
        contacts = self.client.contacts
        return Safety(
            uid, contacts.safety_words(uid), contacts.qr(uid), contacts.is_verified(uid), contacts.is_blocked(uid)
        )

    async def set_verified(self, uid: AccountId, on: bool) -> None:
        """Both read the same words, or the mark is taken back."""
        self.client.contacts.set_verified(uid, on)
        self._tell_people()

    async def compare(self, uid: AccountId, scanned: bytes) -> Comparison:
        """What the other side's card says."""
        result = await self.client.contacts.compare(uid, scanned)
        self._tell_people()
        return result

    async def accept_keys(self, uid: AccountId) -> None:
        """The owner has looked at what changed, and goes on."""
        self.client.contacts.accept(uid)
        self._tell_people()

    def _tell_people(self) -> None:
        self.tell(f.WarningsTold(describe.warned_of(self.client)))
        for cid in self.pump.shown:
            self.tell(f.MembersTold(describe.thread_of(self.client, cid)))
