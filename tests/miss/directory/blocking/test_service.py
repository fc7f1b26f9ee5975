"""Lists of blocked correspondents: who is on them, who learns of it, and what the log keeps."""

from dataclasses import dataclass

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.blocking import (
    BlockedPair,
    BlockedPersonUnknown,
    BlockExists,
    Blocking,
    BlockNotFound,
    BlockReason,
    BlocksFull,
    SelfBlocked,
    model,
    service,
)
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.sample.people import ANNE_MODELE, HUGO_FACTICE, KARIM_ESSAI, PAUL_EXEMPLE
from miss.storage import Database, Transaction

STRANGER = "quelquun@ailleurs.mssante.example"


@dataclass
class Scene:
    db: Database
    audit: AuditLog
    blocking: Blocking
    people: dict[str, Practitioner]
    accounts: dict[str, Account]


@pytest.fixture
async def scene(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, practitioners: Practitioners, accounts: Accounts
) -> Scene:
    """Anne, Paul and Karim have accounts; Hugo is in the directory only."""
    audit = AuditLog(db, clock)
    people, opened = {}, {}
    for name, rpps in {"anne": ANNE_MODELE, "paul": PAUL_EXEMPLE, "karim": KARIM_ESSAI, "hugo": HUGO_FACTICE}.items():
        person = await practitioners.find_by_rpps(rpps)
        assert person is not None
        people[name] = person
        if name != "hugo":
            opened[name] = await accounts.open(person.id, by="test")
    blocking = Blocking(db, clock, random_bytes, practitioners, accounts, audit)
    return Scene(db, audit, blocking, people, opened)


async def test_somebody_is_blocked_by_number_or_by_any_of_their_addresses(scene: Scene) -> None:
    paul = scene.people["paul"]
    spaced = f" {PAUL_EXEMPLE[:5]} {PAUL_EXEMPLE[5:]} "
    first = await scene.blocking.block(scene.accounts["anne"], spaced, BlockReason.FORMAT)
    assert (first.practitioner_id, first.address) == (paul.id, "")
    by_address = await scene.blocking.block(
        scene.accounts["karim"], f" {paul.mailboxes[0].upper()} ", BlockReason.OTHER
    )
    assert (by_address.practitioner_id, by_address.address) == (paul.id, "")
    stranger = await scene.blocking.block(scene.accounts["anne"], STRANGER.upper(), BlockReason.UNWANTED)
    assert (stranger.practitioner_id, stranger.address) == (None, STRANGER)
    assert list(await scene.blocking.list_(scene.accounts["anne"].uid)) == [stranger, first]
    assert list(await scene.blocking.list_(scene.accounts["paul"].uid)) == []


async def test_what_is_no_correspondent_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    anne = scene.accounts["anne"]
    for typed in ("", "Dr Exemple", "99900000012", "pas une adresse@", "a b@c.example", "x" * 400 + "@c.example"):
        with pytest.raises(BlockedPersonUnknown):
            await scene.blocking.block(anne, typed, BlockReason.OTHER)
    for own in (ANNE_MODELE, scene.people["anne"].mailboxes[0]):
        with pytest.raises(SelfBlocked):
            await scene.blocking.block(anne, own, BlockReason.OTHER)
    await scene.blocking.block(anne, PAUL_EXEMPLE, BlockReason.OTHER)
    with pytest.raises(BlockExists):
        await scene.blocking.block(anne, scene.people["paul"].mailboxes[0], BlockReason.FORMAT)
    monkeypatch.setattr(service, "MAX_BLOCKS", 1)
    with pytest.raises(BlocksFull):
        await scene.blocking.block(anne, KARIM_ESSAI, BlockReason.OTHER)


async def test_a_block_is_undone_by_its_owner_only(scene: Scene) -> None:
    anne, paul = scene.accounts["anne"], scene.accounts["paul"]
    block = await scene.blocking.block(anne, PAUL_EXEMPLE, BlockReason.OTHER)
    for by, which in ((paul.uid, block.id), (anne.uid, "x")):
        with pytest.raises(BlockNotFound):
            await scene.blocking.unblock(by, which)
    await scene.blocking.unblock(anne.uid, block.id)
    assert list(await scene.blocking.list_(anne.uid)) == []
    await scene.blocking.block(anne, PAUL_EXEMPLE, BlockReason.FORMAT)


async def test_rooms_learn_who_has_blocked_whom(scene: Scene) -> None:
    anne, paul, karim = (scene.accounts[name] for name in ("anne", "paul", "karim"))
    await scene.blocking.block(anne, PAUL_EXEMPLE, BlockReason.FORMAT)
    await scene.blocking.block(paul, KARIM_ESSAI, BlockReason.OTHER)
    await scene.blocking.block(anne, HUGO_FACTICE, BlockReason.OTHER)
    async with scene.db.snapshot() as tx:
        both = await scene.blocking.list_between(tx, [anne.uid, paul.uid])
        assert both == [BlockedPair(anne.uid, paul.uid, BlockReason.FORMAT)]
        all_three = await scene.blocking.list_between(tx, [anne.uid, paul.uid, karim.uid])
        assert {(pair.by, pair.blocked) for pair in all_three} == {(anne.uid, paul.uid), (paul.uid, karim.uid)}
        assert await scene.blocking.list_between(tx, [anne.uid, karim.uid]) == []
        # Both ways: those who do not want to hear of Paul, and those of whom Paul does not want to hear.
        apart = await scene.blocking.list_set_apart(tx, scene.people["paul"].id, scene.people["paul"].mailboxes)
        assert apart == {anne.practitioner_id, karim.practitioner_id}


async def test_an_address_that_is_somebodys_now_counts_as_them(scene: Scene, practitioners: Practitioners) -> None:
    block = await scene.blocking.block(scene.accounts["anne"], STRANGER, BlockReason.OTHER)
    assert block.practitioner_id is None
    moved = scene.people["hugo"]
    moved = type(moved)(
        **{name: getattr(moved, name) for name in ("id", "family", "given", "civility", "profession", "roles")},
        mailboxes=(STRANGER,),
    )
    async with scene.db.snapshot() as tx:
        assert await scene.blocking.list_set_apart(tx, moved.id, moved.mailboxes) == {scene.people["anne"].id}
        assert await scene.blocking.list_set_apart(tx, scene.people["karim"].id, ()) == frozenset()


async def test_listeners_act_in_the_transaction_that_blocks_who_has_an_account(scene: Scene) -> None:
    told: list[tuple[AccountId, AccountId]] = []

    async def listen(_tx: Transaction, by: AccountId, other: AccountId) -> None:
        told.append((by, other))

    async def fail(_tx: Transaction, _by: AccountId, _other: AccountId) -> None:
        raise BlockNotFound

    scene.blocking.add_listener(listen)
    anne, paul = scene.accounts["anne"].uid, scene.accounts["paul"].uid
    for whom in (PAUL_EXEMPLE, HUGO_FACTICE, STRANGER):
        await scene.blocking.block(scene.accounts["anne"], whom, BlockReason.OTHER)
    assert told == [(anne, paul)]
    scene.blocking.add_listener(fail)
    with pytest.raises(BlockNotFound):
        await scene.blocking.block(scene.accounts["anne"], KARIM_ESSAI, BlockReason.OTHER)
    assert len(await scene.blocking.list_(anne)) == 3


async def test_the_log_says_that_a_list_changed_and_nothing_to_who_is_on_it(scene: Scene) -> None:
    anne, paul = scene.accounts["anne"], scene.accounts["paul"]
    block = await scene.blocking.block(anne, PAUL_EXEMPLE, BlockReason.UNWANTED)
    await scene.blocking.unblock(anne.uid, block.id)
    about_anne = (await scene.audit.list_(subject=Subject.account(anne.uid))).entries
    facts = [entry.fact for entry in about_anne if entry.fact and entry.fact.act.startswith("blocking.")]
    assert [(fact.act, fact.actor, fact.detail) for fact in facts] == [
        ("blocking.removed", anne.uid.hex(), ""),
        ("blocking.added", anne.uid.hex(), ""),
    ]
    subjects = [Subject.account(paul.uid), Subject.practitioner(paul.practitioner_id)]
    about_paul = (await scene.audit.list_about(subjects)).entries
    assert not any(entry.fact and entry.fact.act.startswith("blocking.") for entry in about_paul)


def test_only_the_last_reason_is_secret() -> None:
    assert [reason for reason in BlockReason if reason.is_secret] == [BlockReason.OTHER]
    assert set(model.REASON_NAMES) == set(BlockReason)
