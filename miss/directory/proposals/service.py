"""Propose a change, withdraw it; accept it, which changes the entry in the same transaction, or refuse it."""

from collections.abc import Sequence

from miss.base.clock import Clock
from miss.base.ids import AccountId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.practitioners import DirectoryEntry, Practitioners
from miss.directory.proposals import store
from miss.directory.proposals.errors import OwnProposal, ProposalNotFound, ProposalOpen
from miss.directory.proposals.model import Proposal, ProposalState, TellOutcome, compare
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner

MAX_SHOWN = 200
MAX_OWN = 50


class Proposals:
    """What people want changed in their own entry."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        audit: AuditLog,
        jobs: JobRunner,
        tell: TellOutcome,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._accounts = accounts
        self._audit = audit
        self._jobs = jobs
        self._tell = tell

    async def propose(self, account: Account, wanted: DirectoryEntry, remark: str) -> Proposal:
        """Ask for one's entry to become `wanted`.

        Raises NothingProposed, PhoneMalformed, MailboxNotTheirs, RemarkTooLong, ProposalOpen.
        """
        person = await self._practitioners.get(account.practitioner_id)
        change = compare(person.entry, wanted, remark, person.mailboxes)
        now = self._clock.now()
        proposal = Proposal(
            id=new_row_id(now, self._random_bytes),
            uid=account.uid,
            practitioner_id=account.practitioner_id,
            change=change,
            state=ProposalState.OPEN,
            made_at=now,
        )
        async with self._db.transaction() as tx:
            await self._accounts.lock(tx, account.uid)
            if await store.find_open(tx, account.uid) is not None:
                raise ProposalOpen
            await store.insert(tx, proposal)
            self._record(tx, proposal, "made", account.uid.hex())
        return proposal

    async def withdraw(self, account: Account) -> None:
        """Take back the one that waits.  Raises ProposalNotFound."""
        async with self._db.transaction() as tx:
            proposal = await store.find_open(tx, account.uid)
            if proposal is None:
                raise ProposalNotFound
            await self._settle(tx, proposal, ProposalState.WITHDRAWN, account.uid, "")

    async def accept(self, proposal_id: str, by: AccountId) -> Proposal:
        """The entry becomes what was asked for, and the person is told.

        Raises ProposalNotFound, ProposalSettled, OwnProposal, PractitionerNotFound.
        """
        async with self._db.transaction() as tx:
            proposal = await self._judge(tx, proposal_id, ProposalState.ACCEPTED, by, "")
            if proposal.change.changes_entry:
                entry = await self._practitioners.get_entry(tx, proposal.practitioner_id)
                changed = proposal.change.apply(entry)
                await self._practitioners.put_entry(tx, proposal.practitioner_id, changed, by=by.hex())
        self._jobs.wake()
        return proposal

    async def refuse(self, proposal_id: str, by: AccountId, reason: str) -> Proposal:
        """The entry stays as it is, and the person is told why.

        Raises ProposalNotFound, ProposalSettled, OwnProposal, ReasonMissing.
        """
        async with self._db.transaction() as tx:
            proposal = await self._judge(tx, proposal_id, ProposalState.REFUSED, by, reason)
        self._jobs.wake()
        return proposal

    async def get(self, proposal_id: str) -> Proposal:
        """Raises ProposalNotFound."""
        async with self._db.snapshot() as tx:
            found = await store.find(tx, proposal_id)
        if found is None:
            raise ProposalNotFound
        return found

    async def list_own(self, uid: AccountId) -> Sequence[Proposal]:
        """The person's own, the newest first."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, uid, MAX_OWN)

    async def list_open(self) -> Sequence[Proposal]:
        """Those that wait, the oldest first, at most MAX_SHOWN."""
        async with self._db.snapshot() as tx:
            return await store.list_open(tx, MAX_SHOWN)

    async def count_open(self) -> int:
        """How many wait."""
        async with self._db.snapshot() as tx:
            return await store.count_open(tx)

    async def _judge(
        self, tx: Transaction, proposal_id: str, state: ProposalState, by: AccountId, reason: str
    ) -> Proposal:
        held = await store.find(tx, proposal_id, hold=True)
        if held is None:
            raise ProposalNotFound
        if held.uid == by:
            raise OwnProposal
        settled = await self._settle(tx, held, state, by, reason)
        await self._tell(tx, settled)
        return settled

    async def _settle(
        self, tx: Transaction, proposal: Proposal, state: ProposalState, by: AccountId, reason: str
    ) -> Proposal:
        settled = proposal.settle(state, by.hex(), self._clock.now(), reason)
        await store.save(tx, settled)
        self._record(tx, settled, state.value, by.hex())
        return settled

    def _record(self, tx: Transaction, proposal: Proposal, act: str, by: str) -> None:
        self._audit.append(tx, actor=by, act=f"proposal.{act}", subject=Subject.practitioner(proposal.practitioner_id))
