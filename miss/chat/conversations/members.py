"""Who was a member at a version: read once, kept, never wrong, since what a version means does not change."""

from collections import OrderedDict

from miss.base.ids import AccountId, ConversationId
from miss.chat.conversations import store
from miss.storage import Transaction

CACHED_VERSIONS = 20_000


class Members:
    """The memberships this process has needed lately, by conversation and version."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[ConversationId, int], frozenset[AccountId]] = OrderedDict()

    async def at(self, tx: Transaction, cid: ConversationId, version: int) -> frozenset[AccountId]:
        """The members of `cid` at `version`; `tx` is used only if they are not known yet."""
        known = self.find(cid, version)
        if known is None:
            known = frozenset(await store.members_at(tx, cid, version))
            self._known[cid, version] = known
            while len(self._known) > CACHED_VERSIONS:
                self._known.popitem(last=False)
        return known

    def find(self, cid: ConversationId, version: int) -> frozenset[AccountId] | None:
        """`at` without a database; None if they would have to be read."""
        known = self._known.get((cid, version))
        if known is not None:
            self._known.move_to_end((cid, version))
        return known
