"""The technicians' side on both databases: side by side, duplicates, four eyes, the account, the letter."""

import asyncio

import pytest

from miss.base.random import system_random
from miss.directory.accounts import Act as AccountAct
from miss.directory.accounts import ActivationPurpose, Verification, WrongActivationCode
from miss.directory.audit import AuditLog
from miss.directory.practitioners import AcceptedFormat
from miss.directory.registrations import (
    AccountClosed,
    AccountThere,
    Act,
    MailKind,
    MergeRefused,
    NotInRegister,
    Reason,
    RegistrationNotFound,
    SecondPersonNeeded,
    Severity,
    Status,
    WordsMissing,
    WrongStatus,
)
from miss.directory.registrations.matching import Item
from miss.directory.roles import Role, Roles
from miss.directory.sample import people
from tests.miss.directory.registrations.applications import ALICE, BOB, PDF, Rooms


async def test_the_queue_shows_the_oldest_first_and_how_they_match(rooms: Rooms) -> None:
    good = await rooms.submit()
    other_name = await rooms.submit(family="Martin")
    unknown = await rooms.submit(rpps="", adeli="599991007")
    assert await rooms.desk.count_waiting() == 3
    queue = await rooms.desk.list_()
    assert [(one.registration.id, one.severity) for one in queue] == [
        (good, Severity.SAME),
        (other_name, Severity.SERIOUS),
        (unknown, Severity.SERIOUS),
    ]
    assert [one.registration.id for one in await rooms.desk.list_(after=good)] == [other_name, unknown]
    for nonsense in ("\0", "zzz"):
        assert len(await rooms.desk.list_(after=nonsense)) == 3


async def test_a_review_has_all_that_decides(rooms: Rooms) -> None:
    await rooms.submit(family="Martin", rpps="99900000052", town="Lille")
    await rooms.submit(email="autre@contact.example", rpps="99900000078")
    await rooms.submit(rpps="99900000052", email="encore@contact.example", town="Paris", postcode="75001")
    identifier = await rooms.submit(mailbox="anne.modele@ch-fictif.mssante.example")
    await rooms.registrations.add_evidence(rooms.post.token, "carte.pdf", PDF)
    review = await rooms.desk.review(identifier)
    assert review.practitioner is not None
    assert review.practitioner.rpps == people.INES_BROUILLON
    assert review.account is None
    severities = {line.item: line.severity for line in review.lines}
    assert severities[Item.MAILBOX] is Severity.SERIOUS, "somebody else's address"
    assert severities[Item.FAMILY] is Severity.SAME
    # Same address of contact, same number; the third shares neither.
    assert {(one.application.family, one.application.town) for one in review.similar} == {
        ("Martin", "Lille"),
        ("Brouillon", "Lille"),
    }
    assert [one.name for one in review.evidence] == ["carte.pdf"]
    assert len(review.acceptances) == 2


async def test_approving_opens_a_verified_account_in_one_go(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    approved = await rooms.desk.approve(identifier, ALICE)
    assert approved.status is Status.APPROVED
    account = await rooms.account_of(approved.uid)
    assert account.verification is Verification.VERIFIED
    roles = await Roles(rooms.db, rooms.clock, system_random, rooms.accounts).of(account)
    assert {grant.role for grant in roles} == {Role.PRACTITIONER}
    practitioner = await rooms.practitioners.get(account.practitioner_id)
    assert practitioner.entry.formats == {AcceptedFormat.HPRIM_TEXT}
    assert [one.uid for one in await rooms.agreements.list_acceptances(account.uid)] == [account.uid] * 2
    acts = [event.act for event in await rooms.accounts.list_events(account.uid)]
    assert sorted(acts) == sorted(
        [AccountAct.OPEN, AccountAct.VERIFY, AccountAct.ROLE_GRANTED, *[AccountAct.AGREEMENT_ACCEPTED] * 2]
    )
    assert rooms.post.mails[-1].kind is MailKind.APPROVED
    assert (await AuditLog(rooms.db, rooms.clock).verify([])).broken is None
    with pytest.raises((WrongStatus, AccountThere)):
        await rooms.desk.approve(identifier, BOB)


async def test_nobody_is_let_in_whom_the_register_does_not_know(rooms: Rooms) -> None:
    for changed in ({"rpps": "", "adeli": "599991007"}, {"rpps": "99900000474"}):
        identifier = await rooms.submit(**changed)
        with pytest.raises(NotInRegister):
            await rooms.desk.approve(identifier, ALICE)
        assert (await rooms.desk.review(identifier)).registration.status is Status.RECEIVED


async def test_four_eyes_are_those_of_two_people(careful: Rooms) -> None:
    identifier = await careful.submit()
    first = await careful.desk.approve(identifier, ALICE)
    assert (first.status, first.uid, first.first_by) == (Status.IN_REVIEW, None, ALICE)
    assert await careful.accounts.find_by_rpps(people.INES_BROUILLON) is None
    assert careful.post.mails[-1].kind is MailKind.RECEIVED
    with pytest.raises(SecondPersonNeeded):
        await careful.desk.approve(identifier, ALICE)
    assert await careful.accounts.find_by_rpps(people.INES_BROUILLON) is None
    second = await careful.desk.approve(identifier, BOB)
    assert (second.status, second.first_by, second.decided_by) == (Status.APPROVED, ALICE, BOB)


async def test_a_new_document_takes_the_first_approval_back(careful: Rooms) -> None:
    identifier = await careful.submit()
    await careful.desk.approve(identifier, ALICE)
    await careful.registrations.add_evidence(careful.post.token, "autre.pdf", PDF)
    again = await careful.desk.approve(identifier, BOB)
    assert (again.status, again.first_by) == (Status.IN_REVIEW, BOB)


async def test_of_two_technicians_at_once_one_opens_the_account(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    outcomes = await asyncio.gather(
        rooms.desk.approve(identifier, ALICE), rooms.desk.approve(identifier, BOB), return_exceptions=True
    )
    refused = [one for one in outcomes if isinstance(one, Exception)]
    assert [type(one) for one in refused] in ([WrongStatus], [AccountThere])
    assert await rooms.accounts.find_by_rpps(people.INES_BROUILLON) is not None


async def test_who_has_an_account_keeps_it(rooms: Rooms) -> None:
    first = await rooms.desk.approve(await rooms.submit(), ALICE)
    again = await rooms.submit(email="autre@contact.example")
    with pytest.raises(AccountThere):
        await rooms.desk.approve(again, ALICE)
    joined = await rooms.desk.approve(again, ALICE, join=True)
    assert (joined.status, joined.uid) == (Status.APPROVED, first.uid)
    third = await rooms.submit(email="encore@contact.example")
    assert first.uid is not None
    await rooms.accounts.suspend(first.uid, ALICE, "essai")
    with pytest.raises(AccountClosed):
        await rooms.desk.approve(third, ALICE, join=True)


async def test_a_refusal_tells_why(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    with pytest.raises(WordsMissing):
        await rooms.desk.refuse(identifier, ALICE, frozenset(), "")
    refused = await rooms.desk.refuse(
        identifier, ALICE, frozenset({Reason.IDENTITY, Reason.OTHER}), "Carte\u202e illisible"
    )
    mail = rooms.post.mails[-1]
    assert (refused.status, mail.kind, mail.words) == (Status.REFUSED, MailKind.REFUSED, "Carte illisible")
    assert [text.fr.split()[0] for text in mail.reasons] == ["Votre", "Un"]
    with pytest.raises(WrongStatus):
        await rooms.desk.approve(identifier, ALICE)


async def test_joining_closes_one_and_gives_its_documents_to_the_other(careful: Rooms) -> None:
    stays = await careful.submit()
    await careful.desk.approve(stays, ALICE)
    goes = await careful.submit(email="autre@contact.example")
    evidence = await careful.registrations.add_evidence(careful.post.token, "carte.pdf", PDF)
    merged = await careful.desk.merge(goes, stays, BOB)
    assert (merged.status, merged.merged_into) == (Status.REFUSED, stays)
    mail = careful.post.mails[-1]
    assert (mail.kind, mail.to) == (MailKind.MERGED, "autre@contact.example")
    kept = await careful.desk.review(stays)
    assert kept.registration.first_by == "", "what was approved first was without those documents"
    assert [one.id for one in kept.evidence] == [evidence.id]
    assert (await careful.desk.read_evidence(stays, evidence.id))[1] == PDF
    assert kept.events[-1].act is Act.MERGE
    for one, other in ((goes, stays), (stays, stays), (stays, goes)):
        with pytest.raises((WrongStatus, MergeRefused)):
            await careful.desk.merge(one, other, BOB)
    with pytest.raises(RegistrationNotFound):
        await careful.desk.merge(stays, "x", BOB)


async def test_a_letter_has_codes_of_its_own_and_the_next_one_others(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    with pytest.raises(WrongStatus):
        await rooms.desk.print_letter(identifier, ALICE)
    approved = await rooms.desk.approve(identifier, ALICE)
    first = await rooms.desk.print_letter(identifier, ALICE)
    assert first.codes[ActivationPurpose.BROWSER].code not in repr(first)
    second = await rooms.desk.print_letter(identifier, BOB)
    rpps = people.INES_BROUILLON
    for purpose in (ActivationPurpose.BROWSER, ActivationPurpose.DEVICE):
        with pytest.raises(WrongActivationCode):
            await rooms.accounts.check_activation(rpps, first.codes[purpose].code, purpose)
        account = await rooms.accounts.check_activation(rpps, second.codes[purpose].code, purpose)
        assert account.uid == approved.uid
    acts = [(one.act, one.by) for one in (await rooms.desk.review(identifier)).events]
    assert acts[-2:] == [(Act.LETTER, ALICE), (Act.LETTER, BOB)]
    await rooms.accounts.suspend(account.uid, ALICE, "essai")
    with pytest.raises(AccountClosed):
        await rooms.desk.print_letter(identifier, ALICE)


async def test_no_address_of_a_page_reaches_another_row(rooms: Rooms) -> None:
    for identifier in ("", "x", "\0", "%", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(RegistrationNotFound):
            await rooms.desk.review(identifier)
        with pytest.raises(RegistrationNotFound):
            await rooms.desk.take(identifier, ALICE)
