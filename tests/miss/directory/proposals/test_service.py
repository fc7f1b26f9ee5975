"""Proposals on a real database: one at a time, judged once, by somebody else, and applied in that very moment."""

import asyncio
from dataclasses import dataclass

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.practitioners import AcceptedFormat, DirectoryEntry, Practitioners
from miss.directory.proposals import (
    OwnProposal,
    Proposal,
    ProposalNotFound,
    ProposalOpen,
    Proposals,
    ProposalSettled,
    ProposalState,
)
from miss.directory.sample.people import ANNE_MODELE, MARC_COORDO
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner

WANTED = DirectoryEntry(is_red_listed=True, phone="03 27 00 99 99", formats=frozenset({AcceptedFormat.XDM}))


@dataclass
class Scene:
    proposals: Proposals
    practitioners: Practitioners
    audit: AuditLog
    anne: Account
    marc: Account
    told: list[Proposal]

    async def entry(self) -> DirectoryEntry:
        return (await self.practitioners.get(self.anne.practitioner_id)).entry

    async def acts(self) -> list[tuple[str, str]]:
        page = await self.audit.list_(subject=Subject.practitioner(self.anne.practitioner_id))
        return [(entry.fact.act, entry.fact.actor) for entry in page.entries if entry.fact]


@pytest.fixture
async def scene(
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    practitioners: Practitioners,
    accounts: Accounts,
    jobs: JobRunner,
) -> Scene:
    """Anne proposes, Marc judges."""
    told: list[Proposal] = []

    async def tell(tx: Transaction, proposal: Proposal) -> bool:
        told.append(proposal)
        return True

    audit = AuditLog(db, clock)
    proposals = Proposals(db, clock, random_bytes, practitioners, accounts, audit, jobs, tell)
    opened = []
    for rpps in (ANNE_MODELE, MARC_COORDO):
        person = await practitioners.find_by_rpps(rpps)
        assert person is not None
        opened.append(await accounts.open(person.id, by="test"))
    anne, marc = opened
    return Scene(proposals, practitioners, audit, anne, marc, told)


async def test_what_is_accepted_is_the_entry_from_then_on(scene: Scene) -> None:
    made = await scene.proposals.propose(scene.anne, WANTED, "Mon prénom est mal écrit.")
    assert list(await scene.proposals.list_open()) == [made] == list(await scene.proposals.list_own(scene.anne.uid))
    assert await scene.proposals.count_open() == 1
    assert await scene.proposals.get(made.id) == made
    assert await scene.entry() == DirectoryEntry()
    # What somebody else says of the entry meanwhile, and the proposal does not touch, stays.
    await scene.practitioners.describe(scene.anne.practitioner_id, DirectoryEntry(is_proxy=True), by="test")
    accepted = await scene.proposals.accept(made.id, scene.marc.uid)
    assert accepted.state is ProposalState.ACCEPTED
    assert scene.told == [accepted] == list(await scene.proposals.list_own(scene.anne.uid))
    assert await scene.entry() == DirectoryEntry(
        is_red_listed=True, is_proxy=True, phone="0327009999", formats=frozenset({AcceptedFormat.XDM})
    )
    assert await scene.proposals.count_open() == 0
    assert await scene.acts() == [
        ("proposal.accepted", scene.marc.uid.hex()),
        ("proposal.made", scene.anne.uid.hex()),
    ]


async def test_what_is_refused_or_withdrawn_changes_nothing(scene: Scene) -> None:
    first = await scene.proposals.propose(scene.anne, WANTED, "")
    refused = await scene.proposals.refuse(first.id, scene.marc.uid, "Ce numéro est celui du standard.")
    assert (refused.state, refused.reason) == (ProposalState.REFUSED, "Ce numéro est celui du standard.")
    assert scene.told == [refused]
    await scene.proposals.propose(scene.anne, WANTED, "")
    await scene.proposals.withdraw(scene.anne)
    assert scene.told == [refused]
    assert await scene.entry() == DirectoryEntry()
    states = [one.state for one in await scene.proposals.list_own(scene.anne.uid)]
    assert states == [ProposalState.WITHDRAWN, ProposalState.REFUSED]
    with pytest.raises(ProposalNotFound):
        await scene.proposals.withdraw(scene.anne)


async def test_one_at_a_time_and_each_is_judged_once_by_somebody_else(scene: Scene) -> None:
    tried = await asyncio.gather(
        *(scene.proposals.propose(scene.anne, WANTED, f"{n}") for n in range(3)), return_exceptions=True
    )
    [made] = [one for one in tried if isinstance(one, Proposal)]
    assert [type(one) for one in tried if one is not made] == [ProposalOpen, ProposalOpen]
    with pytest.raises(OwnProposal):
        await scene.proposals.accept(made.id, scene.anne.uid)
    with pytest.raises(ProposalNotFound):
        await scene.proposals.accept("x", scene.marc.uid)
    judged = await asyncio.gather(
        scene.proposals.accept(made.id, scene.marc.uid),
        scene.proposals.refuse(made.id, scene.marc.uid, "motif"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in judged) == ["Proposal", "ProposalSettled"]
    assert len(scene.told) == 1
    with pytest.raises(ProposalSettled):
        await scene.proposals.refuse(made.id, scene.marc.uid, "motif")
