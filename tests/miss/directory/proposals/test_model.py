"""What a proposal changes, and how it may end."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import AccountId, PractitionerId
from miss.directory.practitioners.model import AcceptedFormat, DirectoryEntry
from miss.directory.proposals import (
    EntryChange,
    MailboxNotTheirs,
    NothingProposed,
    PhoneMalformed,
    Proposal,
    ProposalSettled,
    ProposalState,
    ReasonMissing,
    RemarkTooLong,
)
from miss.directory.proposals.model import MAX_REASON, MAX_REMARK, compare, parse_phone

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MAILBOXES = ("anne@ch-fictif.mssante.example", "anne@medecin.mssante.example")

entries = st.builds(
    DirectoryEntry,
    is_red_listed=st.booleans(),
    is_proxy=st.booleans(),
    formats=st.frozensets(st.sampled_from(AcceptedFormat)),
    phone=st.sampled_from(["", "0327009999", "+33327009998"]),
    mailbox=st.sampled_from(["", *MAILBOXES]),
)


@given(entries, entries)
def test_a_change_leads_from_what_is_to_what_is_wanted_and_touches_nothing_else(
    now: DirectoryEntry, wanted: DirectoryEntry
) -> None:
    if now == wanted:
        with pytest.raises(NothingProposed):
            compare(now, wanted, " ", MAILBOXES)
        change = compare(now, wanted, "Mon prénom est mal écrit.", MAILBOXES)
        assert not change.changes_entry
    else:
        change = compare(now, wanted, "", MAILBOXES)
        assert change.changes_entry
    assert change.apply(now) == wanted


@given(entries, entries, entries)
def test_what_the_author_did_not_touch_stays_as_it_has_become(
    now: DirectoryEntry, wanted: DirectoryEntry, meanwhile: DirectoryEntry
) -> None:
    change = compare(now, wanted, "mot", MAILBOXES)
    after = change.apply(meanwhile)
    for name in ("phone", "mailbox", "formats", "is_red_listed", "is_proxy"):
        touched = getattr(now, name) != getattr(wanted, name)
        assert getattr(after, name) == getattr(wanted if touched else meanwhile, name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("03 27 00 99 99", "0327009999"),
        ("03.27.00-99/99", "0327009999"),
        ("+33 (0)3", None),
        ("+262 262 00 99 99", "+262262009999"),
        ("032700999", None),
        ("13270099991", None),
        ("appelez-moi", None),
        ("<script>", None),
        ("\N{ARABIC-INDIC DIGIT ZERO}327009999", None),
    ],
)
def test_phone_numbers(typed: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(PhoneMalformed):
            parse_phone(typed)
    else:
        assert parse_phone(typed) == kept


def test_what_is_refused_before_it_is_proposed() -> None:
    entry = DirectoryEntry()
    with pytest.raises(MailboxNotTheirs):
        compare(entry, DirectoryEntry(mailbox="autre@medecin.mssante.example"), "", MAILBOXES)
    with pytest.raises(RemarkTooLong):
        compare(entry, entry, "m" * (MAX_REMARK + 1), MAILBOXES)
    assert compare(entry, entry, "un\r\ndeux ", MAILBOXES) == EntryChange(remark="un\ndeux")


def proposal(state: ProposalState) -> Proposal:
    return Proposal(
        id="p",
        uid=AccountId(bytes(16)),
        practitioner_id=PractitionerId("899900000011"),
        change=EntryChange(remark="mot"),
        state=state,
        made_at=NOW,
    )


@pytest.mark.parametrize("held", ProposalState)
@pytest.mark.parametrize("state", [ProposalState.ACCEPTED, ProposalState.REFUSED, ProposalState.WITHDRAWN])
def test_a_proposal_ends_once(held: ProposalState, state: ProposalState) -> None:
    if held is ProposalState.OPEN:
        ended = proposal(held).settle(state, "by", NOW, " motif ")
        assert (ended.state, ended.settled_by, ended.settled_at, ended.reason) == (state, "by", NOW, "motif")
    else:
        with pytest.raises(ProposalSettled):
            proposal(held).settle(state, "by", NOW, "motif")


@pytest.mark.parametrize("reason", ["", "  \n", "m" * (MAX_REASON + 1)])
def test_a_refusal_says_why(reason: str) -> None:
    with pytest.raises(ReasonMissing):
        proposal(ProposalState.OPEN).settle(ProposalState.REFUSED, "by", NOW, reason)
