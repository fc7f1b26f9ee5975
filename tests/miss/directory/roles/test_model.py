"""Who may do what: every role against every permission, scope and grant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import AccountId, OrganizationId, PoolId, PractitionerId
from miss.base.text import Language
from miss.directory.roles import (
    PLATFORM,
    ROLE_NAMES,
    Grant,
    Permission,
    Principal,
    Role,
    Scope,
    ScopeKind,
    may,
    may_grant,
    may_take_back,
    organization_scope,
    pool_scope,
    practitioner_scope,
)
from miss.directory.roles.model import APART, GRANTERS, PERMISSIONS, SCOPE_OF, stand_apart

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ME, SOMEBODY = AccountId(b"a" * 16), AccountId(b"b" * 16)
OWN = {
    ScopeKind.PRACTITIONER: practitioner_scope(PractitionerId("p1")),
    ScopeKind.ORGANIZATION: organization_scope(OrganizationId("o1")),
    ScopeKind.POOL: pool_scope(PoolId("q1")),
    ScopeKind.PLATFORM: PLATFORM,
}
OTHER = {
    ScopeKind.PRACTITIONER: practitioner_scope(PractitionerId("p2")),
    ScopeKind.ORGANIZATION: organization_scope(OrganizationId("o2")),
    ScopeKind.POOL: pool_scope(PoolId("q2")),
}
EXPECTED = {
    Role.PRACTITIONER: {"read_requests", "ask_advice", "delegate"},
    Role.SECRETARY: {"read_requests", "ask_advice"},
    Role.ORGANIZATION_MEMBER: {"read_requests", "ask_advice"},
    Role.EXPERT: {"give_advice"},
    Role.POOL_COORDINATOR: {"coordinate"},
    Role.ESTABLISHMENT_ADMINISTRATOR: {"manage_staff"},
    Role.TECHNICIAN: {"verify_identities", "manage_staff", "coordinate"},
    Role.AUDITOR: {"read_access_log"},
}


def somebody(*roles: Role, uid: AccountId = ME) -> Principal:
    """With these roles, each in their own scope."""
    return Principal(uid, frozenset(Grant(uid, role, OWN[SCOPE_OF[role]]) for role in roles))


def test_every_role_has_its_scope_its_permissions_its_granters_and_its_name() -> None:
    for table in (SCOPE_OF, PERMISSIONS, GRANTERS, ROLE_NAMES, EXPECTED):
        assert set(table) == set(Role)
    assert all(ROLE_NAMES[role].in_(language) for role in Role for language in Language)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_the_matrix(role: Role, permission: Permission) -> None:
    actor, kind = somebody(role), SCOPE_OF[role]
    allowed = permission.value in EXPECTED[role]
    assert may(actor, permission, OWN[kind]) is allowed
    for scope in (*OTHER.values(), *OWN.values()):
        if scope == OWN[kind]:
            continue
        assert may(actor, permission, scope) is (allowed and kind is ScopeKind.PLATFORM)


def test_nobody_reads_requests_because_they_run_the_platform() -> None:
    actor = somebody(Role.TECHNICIAN)
    for permission in (Permission.READ_REQUESTS, Permission.ASK_ADVICE, Permission.GIVE_ADVICE):
        assert not any(may(actor, permission, scope) for scope in (*OWN.values(), *OTHER.values()))


def test_a_secretary_signs_no_advice_and_names_no_secretary() -> None:
    secretary = somebody(Role.SECRETARY)
    assert not may(secretary, Permission.GIVE_ADVICE, OWN[ScopeKind.POOL])
    assert not may_grant(secretary, Role.SECRETARY, OWN[ScopeKind.PRACTITIONER], SOMEBODY)


@pytest.mark.parametrize("granted", Role)
@pytest.mark.parametrize("granter", Role)
def test_who_grants_what(granter: Role, granted: Role) -> None:
    expected = {
        Role.TECHNICIAN: set(Role) - {Role.SECRETARY},
        Role.ESTABLISHMENT_ADMINISTRATOR: {Role.ORGANIZATION_MEMBER, Role.ESTABLISHMENT_ADMINISTRATOR},
        Role.POOL_COORDINATOR: {Role.EXPERT},
        Role.PRACTITIONER: {Role.SECRETARY},
    }
    actor, kind = somebody(granter), SCOPE_OF[granted]
    allowed = granted in expected.get(granter, set())
    assert may_grant(actor, granted, OWN[kind], SOMEBODY) is allowed
    assert may_take_back(actor, granted, OWN[kind]) is allowed
    if kind in OTHER:
        assert may_grant(actor, granted, OTHER[kind], SOMEBODY) is (allowed and granter is Role.TECHNICIAN)


@given(st.sets(st.sampled_from(list(Role))), st.sampled_from(list(Role)))
def test_nobody_grants_to_themselves_nor_outside_a_roles_own_kind_of_scope(held: set[Role], role: Role) -> None:
    actor = somebody(*held)
    assert not may_grant(actor, role, OWN[SCOPE_OF[role]], ME)
    for kind, scope in OWN.items():
        if kind is not SCOPE_OF[role]:
            assert not may_grant(actor, role, scope, SOMEBODY)


def test_technician_and_auditor_stand_apart() -> None:
    assert set(APART) == {Role.TECHNICIAN, Role.AUDITOR}
    assert stand_apart(frozenset({Role.AUDITOR}), Role.TECHNICIAN)
    assert stand_apart(frozenset({Role.TECHNICIAN}), Role.AUDITOR)
    assert not stand_apart(frozenset({Role.TECHNICIAN}), Role.TECHNICIAN)
    assert not stand_apart(frozenset({Role.AUDITOR}), Role.PRACTITIONER)


def test_a_role_runs_out() -> None:
    grant = Grant(ME, Role.SECRETARY, OWN[ScopeKind.PRACTITIONER], NOW + timedelta(days=1))
    assert grant.is_alive(NOW)
    assert not grant.is_alive(NOW + timedelta(days=1))


def test_a_principal_tells_its_roles_and_where() -> None:
    actor = somebody(Role.EXPERT, Role.PRACTITIONER)
    assert actor.roles == {Role.EXPERT, Role.PRACTITIONER}
    assert actor.scopes(Role.EXPERT) == {OWN[ScopeKind.POOL]}
    assert actor.scopes(Role.AUDITOR) == frozenset()
    assert not Scope(ScopeKind.POOL, "q1").covers(PLATFORM)
