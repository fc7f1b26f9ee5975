"""The applicant's side on both databases: what is kept, what a link opens, what is forgotten and when."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from miss.directory.agreements import AgreementChanged, AgreementsNotAccepted
from miss.directory.audit import AuditLog, Subject
from miss.directory.registrations import (
    Act,
    EvidenceMissing,
    EvidenceTooLarge,
    MailKind,
    Reason,
    RegistrationNotFound,
    Status,
    TooMuchEvidence,
    WordsMissing,
    WrongStatus,
)
from miss.directory.registrations.model import MAX_EVIDENCE, MAX_EVIDENCE_BYTES
from miss.directory.registrations.service import FORGET
from miss.storage.jobs import Job
from tests.miss.directory.registrations.applications import ALICE, PDF, SIGNATURE, Rooms, application


async def test_a_request_is_kept_with_what_was_accepted_and_its_link_leaves_by_mail_only(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    [mail] = rooms.post.mails
    assert (mail.kind, mail.to) == (MailKind.RECEIVED, "ines.brouillon@contact.example")
    assert mail.token not in repr(mail)
    followed = await rooms.registrations.follow(mail.token)
    assert followed.registration.id == identifier
    assert followed.registration.application == application()
    assert followed.registration.status is Status.RECEIVED
    acceptances = await rooms.agreements.list_at_sign_up(identifier)
    assert [(one.document, one.digest) for one in acceptances] == [
        (one.document, one.digest) for one in rooms.agreements.current
    ]
    assert {one.signature for one in acceptances} == {SIGNATURE}
    async with rooms.db.snapshot() as tx:
        kept = (await tx.exec(text("SELECT token_hash FROM registration_link"))).all()  # type: ignore[call-overload]
    assert all(mail.token.encode() not in bytes(row[0]) for row in kept)


async def test_texts_that_were_not_shown_are_not_accepted_and_nothing_is_kept(rooms: Rooms) -> None:
    digests = [one.digest.hex() for one in rooms.agreements.current]
    with pytest.raises(AgreementsNotAccepted):
        await rooms.registrations.submit(application(), digests[:1], SIGNATURE)
    with pytest.raises(AgreementChanged):
        await rooms.registrations.submit(application(), [*digests[:1], "00" * 32], SIGNATURE)
    assert rooms.post.mails == []
    assert await rooms.desk.count_by_status() == {}


@pytest.mark.parametrize("token", ["", "x", "\0", "é" * 40, "A" * 10_000])
async def test_a_link_that_was_never_sent_opens_nothing(rooms: Rooms, token: str) -> None:
    await rooms.submit()
    with pytest.raises(RegistrationNotFound):
        await rooms.registrations.follow(token)
    with pytest.raises(RegistrationNotFound):
        await rooms.registrations.add_evidence(token, "carte.pdf", PDF)
    with pytest.raises(RegistrationNotFound):
        await rooms.registrations.withdraw(token)


async def test_a_link_runs_out(rooms: Rooms) -> None:
    await rooms.submit()
    rooms.clock.advance(timedelta(days=364))
    await rooms.registrations.follow(rooms.post.token)
    rooms.clock.advance(timedelta(days=1))
    with pytest.raises(RegistrationNotFound):
        await rooms.registrations.follow(rooms.post.token)


async def test_documents_are_sealed_and_bounded(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    token = rooms.post.token
    evidence = await rooms.registrations.add_evidence(token, "carte\u202efdp.exe", PDF)
    assert evidence.name == "cartefdp.exe"
    assert (await rooms.desk.read_evidence(identifier, evidence.id))[1] == PDF
    async with rooms.db.snapshot() as tx:
        [(sealed,)] = (await tx.exec(text("SELECT sealed FROM registration_evidence"))).all()  # type: ignore[call-overload]
    assert PDF not in bytes(sealed)
    with pytest.raises(EvidenceTooLarge):
        await rooms.registrations.add_evidence(token, "x.pdf", b"%PDF-" + bytes(MAX_EVIDENCE_BYTES))
    for _ in range(MAX_EVIDENCE - 1):
        await rooms.registrations.add_evidence(token, "x.pdf", PDF)
    with pytest.raises(TooMuchEvidence):
        await rooms.registrations.add_evidence(token, "x.pdf", PDF)
    assert len((await rooms.registrations.follow(token)).evidence) == MAX_EVIDENCE


async def test_a_document_of_another_request_does_not_exist(rooms: Rooms) -> None:
    mine = await rooms.submit()
    evidence = await rooms.registrations.add_evidence(rooms.post.token, "carte.pdf", PDF)
    other = await rooms.submit(rpps="99900000052")
    await rooms.registrations.add_evidence(rooms.post.token, "autre.pdf", PDF)
    for identifier, ref in ((other, evidence.id), (mine, "x"), (mine, "\0"), (mine, mine)):
        with pytest.raises(EvidenceMissing):
            await rooms.desk.read_evidence(identifier, ref)


async def test_a_question_is_answered_and_comes_back_to_the_queue(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    with pytest.raises(WrongStatus):
        await rooms.registrations.answer(rooms.post.token, "Voici")
    await rooms.desk.ask_more(identifier, ALICE, "Votre carte CPS ?")
    mail = rooms.post.mails[-1]
    assert (mail.kind, mail.words) == (MailKind.NEEDS_MORE, "Votre carte CPS ?")
    assert await rooms.desk.count_waiting() == 0
    with pytest.raises(WordsMissing):
        await rooms.registrations.answer(mail.token, " \x07 ")
    await rooms.registrations.answer(mail.token, "La voici.\nBien à vous")
    review = await rooms.desk.review(identifier)
    assert review.registration.status is Status.IN_REVIEW
    assert [(one.act, one.by) for one in review.events] == [
        (Act.SUBMIT, ""),
        (Act.TAKE, ALICE),
        (Act.ASK_MORE, ALICE),
        (Act.ANSWER, ""),
    ]
    assert review.events[-1].detail == "La voici.\nBien à vous"


async def test_who_withdraws_is_forgotten_in_time_with_everything(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    evidence = await rooms.registrations.add_evidence(rooms.post.token, "carte.pdf", PDF)
    await rooms.registrations.withdraw(rooms.post.token)
    with pytest.raises(WrongStatus):
        await rooms.registrations.withdraw(rooms.post.token)
    rooms.clock.advance(rooms.registrations.retention - timedelta(seconds=1))
    await rooms.jobs.run_due()
    assert (await rooms.desk.read_evidence(identifier, evidence.id))[1] == PDF
    rooms.clock.advance(timedelta(seconds=1))
    await rooms.jobs.run_due()
    async with rooms.db.snapshot() as tx:
        for table in ("registration", "registration_link", "registration_evidence", "registration_event"):
            rows = await tx.exec(text(f"SELECT 1 FROM {table}"))  # type: ignore[call-overload]  # noqa: S608
            assert rows.all() == [], table
    assert await rooms.agreements.list_at_sign_up(identifier) == []
    with pytest.raises(RegistrationNotFound):
        await rooms.desk.review(identifier)


async def test_what_was_granted_stays_but_for_its_documents(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    evidence = await rooms.registrations.add_evidence(rooms.post.token, "carte.pdf", PDF)
    await rooms.desk.approve(identifier, ALICE)
    rooms.clock.advance(rooms.registrations.retention)
    await rooms.jobs.run_due()
    review = await rooms.desk.review(identifier)
    assert (review.registration.status, len(review.evidence)) == (Status.APPROVED, 0)
    assert len(review.acceptances) == 2
    with pytest.raises(EvidenceMissing):
        await rooms.desk.read_evidence(identifier, evidence.id)


async def test_forgetting_again_after_a_crash_destroys_the_key(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    await rooms.registrations.add_evidence(rooms.post.token, "carte.pdf", PDF)
    await rooms.desk.refuse(identifier, ALICE, frozenset({Reason.IDENTITY}), "")
    rooms.clock.advance(rooms.registrations.retention)
    handler = rooms.registrations.job_handler()
    assert handler.kind == FORGET
    job = Job("j1", FORGET, identifier, {}, rooms.clock.now(), 0)
    await handler.run(job)
    await handler.run(job)
    async with rooms.keystore._db.snapshot() as tx:
        assert (await tx.exec(text("SELECT count(*) FROM data_key"))).one()[0] == 0  # type: ignore[call-overload]


async def test_every_act_is_in_the_access_log(rooms: Rooms) -> None:
    identifier = await rooms.submit()
    await rooms.desk.refuse(identifier, ALICE, frozenset({Reason.NOT_HEALTH}), "")
    page = await AuditLog(rooms.db, rooms.clock).list_(subject=Subject("registration", identifier))
    told = [(one.fact.act, one.fact.actor) for one in reversed(page.entries) if one.fact]
    assert told == [("registration.submit", ""), ("registration.take", ALICE), ("registration.refuse", ALICE)]


async def test_a_request_from_somebody_with_an_account_looks_the_same(rooms: Rooms) -> None:
    first = await rooms.submit()
    await rooms.desk.approve(first, ALICE)
    rooms.post.mails.clear()
    await rooms.submit()
    known = rooms.post.mails[-1]
    seen = (await rooms.registrations.follow(known.token)).registration
    await rooms.submit(rpps="", adeli="599991007", email="autre@contact.example")
    unknown = rooms.post.mails[-1]
    other = (await rooms.registrations.follow(unknown.token)).registration
    assert (known.kind, known.reasons, known.words) == (unknown.kind, unknown.reasons, unknown.words)
    assert (seen.status, seen.words, seen.uid) == (other.status, other.words, other.uid)
