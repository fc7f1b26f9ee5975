"""The way of a sign-up, against a second telling of its rules: whatever is tried in whatever order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from miss.base.ids import AccountId
from miss.directory.registrations import (
    Act,
    EvidenceFormat,
    EvidenceTooLarge,
    MergeRefused,
    Reason,
    Registration,
    SecondPersonNeeded,
    Status,
    WordsMissing,
    WrongStatus,
)
from miss.directory.registrations.model import (
    MAX_EVIDENCE_BYTES,
    approve,
    ask_more,
    is_row_id,
    merge,
    move,
    recognise,
    refuse,
    take,
)
from tests.miss.directory.registrations.applications import ALICE, BOB, application

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
UID = AccountId(b"u" * 16)


def received(identifier: str = "r1") -> Registration:
    return Registration(
        id=identifier, application=application(), status=Status.RECEIVED, received_at=START, since=START
    )


class Way(RuleBasedStateMachine):
    """Technicians and an applicant do what they like; the model says what is possible."""

    technicians = st.sampled_from([ALICE, BOB])

    @initialize(four_eyes=st.booleans())
    def begin(self, four_eyes: bool) -> None:
        self.it, self.now, self.four_eyes = received(), START, four_eyes
        self.status, self.first = "received", ""

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    @rule(by=technicians)
    def take(self, by: str) -> None:
        if self.status in ("received", "in_review", "needs_more"):
            if self.status != "in_review":
                self.first = ""
            self.it, self.status = take(self.it, by=by, now=self.tick()), "in_review"
        else:
            with pytest.raises(WrongStatus):
                take(self.it, by=by, now=self.tick())

    @rule(by=technicians, words=st.sampled_from(["", "Votre carte ?"]))
    def ask(self, by: str, words: str) -> None:
        if not words:
            with pytest.raises(WordsMissing):
                ask_more(self.it, by=by, now=self.tick(), words=words)
        elif self.status == "in_review":
            self.it = ask_more(self.it, by=by, now=self.tick(), words=words)
            self.status, self.first = "needs_more", ""
        else:
            with pytest.raises(WrongStatus):
                ask_more(self.it, by=by, now=self.tick(), words=words)

    @rule(act=st.sampled_from([Act.ANSWER, Act.ADD_EVIDENCE, Act.WITHDRAW]))
    def applicant(self, act: Act) -> None:
        allowed = ("needs_more",) if act is Act.ANSWER else ("received", "in_review", "needs_more")
        if self.status not in allowed:
            with pytest.raises(WrongStatus):
                move(self.it, act, by="", now=self.tick())
            return
        self.it, self.first = move(self.it, act, by="", now=self.tick()), ""
        self.status = {Act.ANSWER: "in_review", Act.WITHDRAW: "withdrawn"}.get(act, self.status)

    @rule(by=technicians)
    def approve(self, by: str) -> None:
        if self.status == "in_review" and self.first == by:
            with pytest.raises(SecondPersonNeeded):
                approve(self.it, by=by, now=self.tick(), four_eyes=self.four_eyes, uid=UID)
        elif self.status == "in_review":
            is_last = not self.four_eyes or bool(self.first)
            self.it = approve(self.it, by=by, now=self.tick(), four_eyes=self.four_eyes, uid=UID)
            self.status, self.first = ("approved", self.first) if is_last else ("in_review", by)
        else:
            with pytest.raises((WrongStatus, SecondPersonNeeded)):
                approve(self.it, by=by, now=self.tick(), four_eyes=self.four_eyes, uid=UID)

    @rule(by=technicians)
    def refuse(self, by: str) -> None:
        reasons = frozenset({Reason.IDENTITY})
        if self.status in ("in_review", "needs_more"):
            self.it = refuse(self.it, by=by, now=self.tick(), reasons=reasons, words="")
            self.status, self.first = "refused", ""
        else:
            with pytest.raises(WrongStatus):
                refuse(self.it, by=by, now=self.tick(), reasons=reasons, words="")

    @rule(by=technicians)
    def merge(self, by: str) -> None:
        if self.status in ("received", "in_review", "needs_more"):
            self.it = merge(self.it, received("r2"), by=by, now=self.tick())
            self.status, self.first = "refused", ""
        else:
            with pytest.raises(WrongStatus):
                merge(self.it, received("r2"), by=by, now=self.tick())

    @invariant()
    def holds(self) -> None:
        assert self.it.status.value == self.status
        assert self.it.first_by == self.first
        assert (self.it.uid is not None) is (self.status == "approved")
        if self.four_eyes and self.status == "approved":
            assert self.it.first_by
            assert self.it.first_by != self.it.decided_by
        if self.status in ("received", "in_review", "needs_more"):
            assert self.it.decided_by == ""


Way.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestWay = Way.TestCase


def test_a_refusal_gives_a_reason() -> None:
    taken = take(received(), by=ALICE, now=START)
    for reasons in (frozenset[Reason](), frozenset({Reason.OTHER})):
        with pytest.raises(WordsMissing):
            refuse(taken, by=ALICE, now=START, reasons=reasons, words="")
    assert refuse(taken, by=ALICE, now=START, reasons=frozenset({Reason.OTHER}), words="Vu.").words == "Vu."


def test_a_request_is_joined_to_another_one_that_is_open() -> None:
    one, other = received(), received("r2")
    with pytest.raises(MergeRefused):
        merge(one, one, by=ALICE, now=START)
    with pytest.raises(MergeRefused):
        merge(one, move(other, Act.WITHDRAW, by="", now=START), by=ALICE, now=START)
    assert merge(one, other, by=ALICE, now=START).merged_into == "r2"


def test_documents_are_known_by_their_first_bytes() -> None:
    assert recognise(b"%PDF-1.4") == "application/pdf"
    assert recognise(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert recognise(b"\x89PNG\r\n\x1a\n") == "image/png"
    for hostile in (b"", b"MZ", b"<svg onload=alert(1)>", b"GIF89a", b" %PDF-", b"PK\x03\x04"):
        with pytest.raises(EvidenceFormat):
            recognise(hostile)
    assert recognise(b"%PDF-".ljust(MAX_EVIDENCE_BYTES)) == "application/pdf"
    with pytest.raises(EvidenceTooLarge):
        recognise(b"%PDF-".ljust(MAX_EVIDENCE_BYTES + 1))


@pytest.mark.parametrize("text", ["", "x", "\0" * 36, "' OR 1=1", "0" * 36, "../../etc"])
def test_what_names_no_row_is_told(text: str) -> None:
    assert not is_row_id(text)
