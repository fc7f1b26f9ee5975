"""Who may do what, and for whom: roles, each within a scope, granted by somebody who may.  Pure.

Everybody who acts is a named person (PGSSI-S: accounts are named): a secretary or the member of an organisation acts
for somebody else, never as somebody else.  A technician runs the platform, an auditor reads what was done: nobody is
both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from miss.base.ids import AccountId, OrganizationId, PoolId, PractitionerId
from miss.base.text import Text


class Role(StrEnum):
    """What somebody is, within a scope."""

    PRACTITIONER = "practitioner"
    """In their own name."""
    SECRETARY = "secretary"
    """For one named practitioner."""
    ORGANIZATION_MEMBER = "organization_member"
    """Of an organisation's shared mailbox; every act bears the person's own name."""
    EXPERT = "expert"
    """In a pool: gives advice."""
    POOL_COORDINATOR = "pool_coordinator"
    """Runs a pool of experts."""
    ESTABLISHMENT_ADMINISTRATOR = "establishment_administrator"
    """Says who works in an establishment."""
    TECHNICIAN = "technician"
    """Verifies identities, issues codes, runs the platform."""
    AUDITOR = "auditor"
    """Reads who did what; changes nothing."""


class ScopeKind(StrEnum):
    """What a role is about."""

    PRACTITIONER = "practitioner"
    ORGANIZATION = "organization"
    POOL = "pool"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose affairs."""

    kind: ScopeKind
    id: str = ""
    """Row of what it names; empty for the platform."""

    def covers(self, other: "Scope") -> bool:
        """True if what is allowed here is allowed there: the platform holds everything."""
        return self == other or self.kind is ScopeKind.PLATFORM


PLATFORM = Scope(ScopeKind.PLATFORM)


def practitioner_scope(practitioner_id: PractitionerId) -> Scope:
    """One practitioner's affairs."""
    return Scope(ScopeKind.PRACTITIONER, practitioner_id)


def organization_scope(organization_id: OrganizationId) -> Scope:
    """One organisation's affairs."""
    return Scope(ScopeKind.ORGANIZATION, organization_id)


def pool_scope(pool_id: PoolId) -> Scope:
    """One pool's affairs."""
    return Scope(ScopeKind.POOL, pool_id)


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of one account, within a scope."""

    uid: AccountId
    role: Role
    scope: Scope
    ends_at: datetime | None = None
    """None: until it is taken back."""

    def is_alive(self, now: datetime) -> bool:
        """False once it has run out."""
        return self.ends_at is None or now < self.ends_at


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who acts, with the roles that are alive."""

    uid: AccountId
    grants: frozenset[Grant]

    @property
    def roles(self) -> frozenset[Role]:
        """In whatever scope."""
        return frozenset(grant.role for grant in self.grants)

    def scopes(self, role: Role) -> frozenset[Scope]:
        """Where somebody has `role`."""
        return frozenset(grant.scope for grant in self.grants if grant.role is role)


class Permission(StrEnum):
    """What can be done with somebody's affairs."""

    READ_REQUESTS = "read_requests"
    ASK_ADVICE = "ask_advice"
    """Prepare a request and send it, in the practitioner's or the organisation's name."""
    GIVE_ADVICE = "give_advice"
    """Sign an answer; no secretary does."""
    COORDINATE = "coordinate"
    DELEGATE = "delegate"
    """Name one's secretaries."""
    MANAGE_STAFF = "manage_staff"
    VERIFY_IDENTITIES = "verify_identities"
    READ_ACCESS_LOG = "read_access_log"


SCOPE_OF: Mapping[Role, ScopeKind] = MappingProxyType(
    {
        Role.PRACTITIONER: ScopeKind.PRACTITIONER,
        Role.SECRETARY: ScopeKind.PRACTITIONER,
        Role.ORGANIZATION_MEMBER: ScopeKind.ORGANIZATION,
        Role.EXPERT: ScopeKind.POOL,
        Role.POOL_COORDINATOR: ScopeKind.POOL,
        Role.ESTABLISHMENT_ADMINISTRATOR: ScopeKind.ORGANIZATION,
        Role.TECHNICIAN: ScopeKind.PLATFORM,
        Role.AUDITOR: ScopeKind.PLATFORM,
    }
)

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.PRACTITIONER: frozenset({Permission.READ_REQUESTS, Permission.ASK_ADVICE, Permission.DELEGATE}),
        Role.SECRETARY: frozenset({Permission.READ_REQUESTS, Permission.ASK_ADVICE}),
        Role.ORGANIZATION_MEMBER: frozenset({Permission.READ_REQUESTS, Permission.ASK_ADVICE}),
        Role.EXPERT: frozenset({Permission.GIVE_ADVICE}),
        Role.POOL_COORDINATOR: frozenset({Permission.COORDINATE}),
        Role.ESTABLISHMENT_ADMINISTRATOR: frozenset({Permission.MANAGE_STAFF}),
        Role.TECHNICIAN: frozenset({Permission.VERIFY_IDENTITIES, Permission.MANAGE_STAFF, Permission.COORDINATE}),
        Role.AUDITOR: frozenset({Permission.READ_ACCESS_LOG}),
    }
)
"""Nobody reads requests because they run the platform."""

GRANTERS: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.PRACTITIONER: frozenset({Role.TECHNICIAN}),
        Role.SECRETARY: frozenset({Role.PRACTITIONER}),
        Role.ORGANIZATION_MEMBER: frozenset({Role.ESTABLISHMENT_ADMINISTRATOR, Role.TECHNICIAN}),
        Role.EXPERT: frozenset({Role.POOL_COORDINATOR, Role.TECHNICIAN}),
        Role.POOL_COORDINATOR: frozenset({Role.TECHNICIAN}),
        Role.ESTABLISHMENT_ADMINISTRATOR: frozenset({Role.ESTABLISHMENT_ADMINISTRATOR, Role.TECHNICIAN}),
        Role.TECHNICIAN: frozenset({Role.TECHNICIAN}),
        Role.AUDITOR: frozenset({Role.TECHNICIAN}),
    }
)
"""Which role, in the same scope or over the whole platform, grants and takes back which."""

FOR_STAFF = frozenset({Role.SECRETARY, Role.ORGANIZATION_MEMBER})
"""What somebody without an RPPS number may be: they act for others, and never in their own name (ADR 41)."""

APART = (Role.TECHNICIAN, Role.AUDITOR)
"""Nobody holds both: who acts does not audit."""

ROLE_NAMES: Mapping[Role, Text] = MappingProxyType(
    {
        Role.PRACTITIONER: Text(fr="Professionnel de santé", en="Health professional"),
        Role.SECRETARY: Text(fr="Secrétaire", en="Secretary"),
        Role.ORGANIZATION_MEMBER: Text(fr="Membre d’une organisation", en="Member of an organisation"),
        Role.EXPERT: Text(fr="Expert", en="Expert"),
        Role.POOL_COORDINATOR: Text(fr="Coordinateur", en="Coordinator"),
        Role.ESTABLISHMENT_ADMINISTRATOR: Text(
            fr="Administrateur d’établissement", en="Administrator of an establishment"
        ),
        Role.TECHNICIAN: Text(fr="Technicien", en="Technician"),
        Role.AUDITOR: Text(fr="Auditeur", en="Auditor"),
    }
)


def may(actor: Principal, permission: Permission, scope: Scope) -> bool:
    """True if a role of `actor` that covers `scope` brings `permission`."""
    return any(permission in PERMISSIONS[grant.role] and grant.scope.covers(scope) for grant in actor.grants)


def may_grant(actor: Principal, role: Role, scope: Scope, to: AccountId) -> bool:
    """True if `actor` may grant `role` in `scope` to somebody else; nobody grants to themselves."""
    if to == actor.uid or scope.kind is not SCOPE_OF[role]:
        return False
    return may_take_back(actor, role, scope)


def may_take_back(actor: Principal, role: Role, scope: Scope) -> bool:
    """True if `actor` may take `role` in `scope` away, be it from themselves."""
    return any(grant.role in GRANTERS[role] and grant.scope.covers(scope) for grant in actor.grants)


def stand_apart(held: frozenset[Role], role: Role) -> bool:
    """True if somebody who holds `held` may not be given `role` as well."""
    return role in APART and any(other in held for other in APART if other is not role)
