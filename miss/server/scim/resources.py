"""The SCIM resources we keep: a part of the standard's User and Group, and one extension of our own.

What a program sends beside them is ignored, as Entra ID, Okta and Keycloak send what they have (RFC 7644 §3.3): the
schemas on `/Schemas` say what is kept.  `active` is whether the directory shows somebody; `department` and `division`
are the department and its site.

Source: RFC 7643 §4 (User, Group, enterprise User), §3.3 (extensions).
"""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

MAX_RESULTS = 200
"""Resources of one page."""


class PersonName(ComplexAttribute):
    """RFC 7643 §4.1.1 `name`."""

    family_name: Annotated[str | None, Required.true] = None
    given_name: Annotated[str | None, Required.true] = None


class Telephone(ComplexAttribute):
    """RFC 7643 §4.1.2 `phoneNumbers`; one is kept."""

    value: str | None = None


class Membership(ComplexAttribute):
    """RFC 7643 §4.1.2 `groups`: the department; changed through it."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference["Group"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None


class User(Resource[Any]):
    """A member of staff."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Annotated[PersonName | None, Required.true] = None
    display_name: Annotated[str | None, Mutability.read_only] = None
    title: str | None = None
    """The function, in the establishment's words."""
    active: bool | None = None
    """Shown in the directory."""
    phone_numbers: list[Telephone] | None = None
    groups: Annotated[list[Membership] | None, Mutability.read_only] = None


class DepartmentMember(ComplexAttribute):
    """RFC 7643 §4.2 `members`: somebody who works there."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A department, or a site."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    members: list[DepartmentMember] | None = None


class EnterpriseUser(Extension):
    """Where somebody works."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    department: str | None = None
    division: str | None = None
    """The site of the department."""


class HealthProfessional(Extension):
    """What makes a member of staff somebody of the national register."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:miss:2.0:HealthProfessional")

    rpps: Annotated[str | None, Uniqueness.server] = None
    """Eleven digits; its key is checked."""
    adeli: Annotated[str | None, Uniqueness.server] = None
    """Nine characters; its key is checked."""
    profession_code: str | None = None
    """TRE_G15: `10` physician, `60` nurse."""
    mailbox: str | None = None
    """Secure-mail address (MSSanté)."""


CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MAX_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token that the establishment's administrator issues on its page (RFC 6750).",
            primary=True,
        )
    ],
)
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""As Entra ID and its like expect; nothing here can make one request mean another."""

Staff: Any = User.__class_getitem__(EnterpriseUser | HealthProfessional)
"""A User with both extensions; subscripted by the call that the syntax stands for, as mypy reads an index as a type."""
PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, HealthProfessional, Group],
    resource_types=[ResourceType.from_resource(Staff), ResourceType.from_resource(Group)],
    config=CONFIG,
    policy=POLICY,
)
