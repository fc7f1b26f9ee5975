"""The way of an invitation, state by state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Language
from miss.directory.invitations.errors import InvitationStateForbids
from miss.directory.invitations.model import (
    LINK_VALIDITY,
    STANDING_NAMES,
    Act,
    Invitation,
    InvitationMail,
    InvitationMailKind,
    Standing,
    State,
    hash_token,
    move,
    opens,
    resend,
    standing,
)
from miss.directory.registrations import Invitee, Status
from miss.directory.roles import Role, practitioner_scope

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
PAUL = PractitionerId("899900000011")
SENT = Invitation(
    id="i1",
    role=Role.SECRETARY,
    scope=practitioner_scope(PAUL),
    inviter=AccountId(b"p" * 16),
    inviter_id=PAUL,
    employer="Cabinet fictif",
    issuer="699900000011",
    invitee=Invitee(family="Buvard", given="Odile", function="secrétaire", email="odile@contact.example"),
    language=Language.FR,
    state=State.INVITED,
    since=NOW,
    invited_at=NOW,
    link_ends_at=NOW + LINK_VALIDITY,
)
WAYS = {
    (State.INVITED, Act.RESEND): State.INVITED,
    (State.INVITED, Act.ACCEPT): State.ANSWERED,
    (State.INVITED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ANSWERED, Act.WITHDRAW): State.WITHDRAWN,
    (State.ANSWERED, Act.ACTIVATE): State.ACTIVE,
    (State.ACTIVE, Act.END): State.ENDED,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", [act for act in Act if act not in {Act.INVITE, Act.FORGET}])
def test_every_state_allows_what_the_rules_say_and_nothing_else(state: State, act: Act) -> None:
    before, later = replace(SENT, state=state), NOW + timedelta(hours=1)
    if (state, act) in WAYS:
        after = move(before, act, later)
        assert (after.state, after.since) == (WAYS[state, act], later)
    else:
        with pytest.raises(InvitationStateForbids):
            move(before, act, later)


def test_a_link_is_good_for_fourteen_days_and_starts_anew_when_sent_again() -> None:
    assert opens(SENT, NOW + timedelta(days=14) - timedelta(seconds=1))
    late = NOW + timedelta(days=14)
    assert not opens(SENT, late)
    assert standing(SENT, late, None) is Standing.EXPIRED
    again = resend(SENT, late)
    assert opens(again, late + timedelta(days=13))
    assert not opens(replace(SENT, state=State.ANSWERED), NOW), "spent"


def test_where_it_stands_follows_the_sign_up() -> None:
    answered = replace(SENT, state=State.ANSWERED, registration_id="r1")
    for status in Status:
        expected = Standing.NOT_ADMITTED if status in {Status.REFUSED, Status.WITHDRAWN} else Standing.VERIFYING
        assert standing(answered, NOW, status) is expected
    for state in (State.ACTIVE, State.ENDED, State.WITHDRAWN):
        assert standing(replace(SENT, state=state), NOW, None).value == state.value
    assert set(STANDING_NAMES) == set(Standing)


def test_neither_people_nor_tokens_reach_the_logs() -> None:
    mail = InvitationMail(
        kind=InvitationMailKind.INVITED,
        reference="m1",
        to="odile@contact.example",
        language=Language.FR,
        inviter="Dr Paul EXEMPLE",
        invitee="Odile BUVARD",
        token="secret",
    )
    assert repr(mail) == "InvitationMail(invited, m1)"
    assert "Buvard" not in repr(SENT)
    assert hash_token("a") != hash_token("b")
    assert len(hash_token("a")) == 32
