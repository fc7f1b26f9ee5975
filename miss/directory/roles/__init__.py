"""Roles: who may do what, and for whom."""

from miss.directory.roles.model import (
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
from miss.directory.roles.service import Roles

__all__ = [
    "PLATFORM",
    "ROLE_NAMES",
    "Grant",
    "Permission",
    "Principal",
    "Role",
    "Roles",
    "Scope",
    "ScopeKind",
    "may",
    "may_grant",
    "may_take_back",
    "organization_scope",
    "pool_scope",
    "practitioner_scope",
]
