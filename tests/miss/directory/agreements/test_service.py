"""Texts with versions, and who accepted which words, on both databases."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.base.text import Language, Text
from miss.directory.accounts import Account, Accounts, Act
from miss.directory.agreements import (
    Agreement,
    AgreementChanged,
    AgreementNotFound,
    Agreements,
    AgreementsNotAccepted,
    BlockKind,
    Document,
    Signature,
    Whom,
    load_agreements,
)
from miss.directory.agreements.model import in_force
from miss.directory.practitioners.model import practitioner_id
from miss.directory.sample import people
from miss.storage import Database

SIGNATURE = Signature("Dr Anne MODELE", "192.0.2.7", Language.FR)


def agreement(version: str, words: str = "Mot", document: Document = Document.CHARTER) -> Agreement:
    return Agreement(document, version, Text(fr="Charte", en="Charter"), Text(fr=words, en="Word"))


class House:
    """Agreements with the texts of the moment."""

    def __init__(self, db: Database, clock: MovableClock, random_bytes: RandomBytes) -> None:
        self.parts = (db, clock, random_bytes)
        self.accounts = Accounts(*self.parts)

    def with_(self, *texts: Agreement, whom: Whom = Whom.SIGNED_UP) -> Agreements:
        return Agreements(*self.parts, self.accounts, texts, whom=whom)

    async def anne(self) -> Account:
        account = await self.accounts.open(practitioner_id(people.ANNE_MODELE), by="cli")
        return await self.accounts.verify(account.uid, "cli")


@pytest.fixture
def house(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> House:
    return House(db, clock, random_bytes)


def test_the_texts_of_the_house_are_whole_in_both_languages() -> None:
    texts = load_agreements()
    assert [one.document for one in in_force(texts)] == [Document.CHARTER, Document.TERMS]
    for one in texts:
        french, english = one.blocks(Language.FR), one.blocks(Language.EN)
        assert len(french) > 8
        assert [block.kind for block in french] == [block.kind for block in english]
        assert [len(block.lines) for block in french] == [len(block.lines) for block in english]
        assert {BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST} == {block.kind for block in french}
        assert not any(line.startswith(("#", "-")) for block in french + english for line in block.lines)


def test_a_text_without_its_english_is_not_published(tmp_path: Path) -> None:
    (tmp_path / "charter.2027-01.fr.txt").write_text("Charte\n\nMot\n")
    with pytest.raises(FileNotFoundError):
        load_agreements(tmp_path)


@given(st.sampled_from(["version", "words", "english", "title"]), st.text("ab ", min_size=1, max_size=5))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_one_letter_more_is_another_text(part: str, more: str) -> None:
    one = agreement("1")
    changed = {
        "version": Agreement(one.document, one.version + more, one.title, one.body),
        "words": Agreement(one.document, one.version, one.title, Text(fr=one.body.fr + more, en=one.body.en)),
        "english": Agreement(one.document, one.version, one.title, Text(fr=one.body.fr, en=one.body.en + more)),
        "title": Agreement(one.document, one.version, Text(fr=one.title.fr + more, en=one.title.en), one.body),
    }[part]
    assert changed.digest != one.digest
    # What moves from one field to the next is another text as well.
    moved = Agreement(one.document, one.version, Text(fr="Chart", en="eCharter"), one.body)
    assert moved.digest != one.digest


async def test_who_never_signed_anything_is_left_alone_unless_everybody_is_asked(house: House) -> None:
    anne = await house.anne()
    assert not await house.with_(agreement("1")).owes(anne)
    assert await house.with_(agreement("1"), whom=Whom.EVERYBODY).owes(anne)
    assert not await house.with_(whom=Whom.EVERYBODY).owes(anne)


async def test_a_new_version_is_asked_for_and_the_old_one_stays_on_record(house: House) -> None:
    anne = await house.anne()
    first, terms = agreement("1"), agreement("1", document=Document.TERMS)
    before = house.with_(first, terms)
    await before.accept(anne.uid, [first.digest.hex(), terms.digest.hex()], SIGNATURE)
    assert not await before.owes(anne)
    second = agreement("2", "Autre mot")
    after = house.with_(first, second, terms)
    assert await after.owes(anne)
    assert await after.list_missing(anne.uid) == (second,)
    with pytest.raises(AgreementsNotAccepted):
        await after.accept(anne.uid, [], SIGNATURE)
    with pytest.raises(AgreementChanged):
        await after.accept(anne.uid, [first.digest.hex()], SIGNATURE)
    await after.accept(anne.uid, [second.digest.hex()], SIGNATURE)
    assert not await after.owes(anne)
    kept = await after.list_acceptances(anne.uid)
    assert {(one.document, one.version, one.digest) for one in kept} == {
        (one.document, one.version, one.digest) for one in (first, terms, second)
    }
    assert all(one.signature == SIGNATURE for one in kept)
    story = [
        event.detail for event in await house.accounts.list_events(anne.uid) if event.act is Act.AGREEMENT_ACCEPTED
    ]
    assert sorted(story) == ["charter 1", "charter 2", "terms 1"]


async def test_the_same_version_with_other_words_is_asked_for_again(house: House) -> None:
    anne = await house.anne()
    one, quietly_changed = agreement("1"), agreement("1", "Un autre mot")
    await house.with_(one).accept(anne.uid, [one.digest.hex()], SIGNATURE)
    assert await house.with_(quietly_changed).owes(anne)


def test_texts_are_found_by_name_and_version(house: House) -> None:
    first, second = agreement("1"), agreement("2")
    agreements = house.with_(first, second)
    assert agreements.get("charter") == second
    assert agreements.get("charter", "1") == first
    for document, version in (("terms", ""), ("charter", "3"), ("../charter", "")):
        with pytest.raises(AgreementNotFound):
            agreements.get(document, version)
