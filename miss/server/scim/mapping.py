"""From a member of staff to a SCIM User and back, from a department to a Group.  Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from scim2_models import Meta

from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.staff import StaffMember, Unit
from miss.server.scim.resources import EnterpriseUser, Group, HealthProfessional, PersonName, Staff, Telephone


def user_of(member: StaffMember, base: str) -> Any:
    """`base`: address of the door, without a slash at its end."""
    facts, location = member.facts, f"{base}/Users/{member.id}"
    user = Staff(
        id=member.id,
        external_id=facts.external_id or None,
        user_name=member.user_name or member.id,
        name=PersonName(family_name=facts.family, given_name=facts.given),
        display_name=facts.display_name,
        title=facts.function or None,
        active=facts.is_published,
        phone_numbers=[Telephone(value=facts.phone)] if facts.phone else None,
        meta=Meta(
            resource_type="User",
            created=member.created_at,
            last_modified=member.updated_at,
            location=location,
            version=version_of(member),
        ),
    )
    if member.unit_id:
        group = {"value": member.unit_id, "$ref": f"{base}/Groups/{member.unit_id}"}
        user.groups = [group | {"display": facts.department or facts.site}]
    if facts.place:
        user[EnterpriseUser] = EnterpriseUser(department=facts.department or None, division=facts.site or None)
    if facts.rpps or facts.adeli or facts.profession_code or facts.mailbox:
        user[HealthProfessional] = HealthProfessional(
            rpps=facts.rpps or None,
            adeli=facts.adeli or None,
            profession_code=facts.profession_code or None,
            mailbox=facts.mailbox or None,
        )
    return user


def version_of(member: StaffMember) -> str:
    """The entity tag; weak, as the answer's form depends on what was asked for (RFC 9110 §8.8.1)."""
    return f'W/"{member.version}"'


def said_by(user: Any) -> Mapping[StaffField, str]:
    """What a whole User says of somebody: what it leaves out is emptied, but not whether they are shown."""
    work: EnterpriseUser = user[EnterpriseUser] or EnterpriseUser()
    professional: HealthProfessional = user[HealthProfessional] or HealthProfessional()
    name: PersonName = user.name or PersonName()
    phones: Sequence[Telephone] = user.phone_numbers or ()
    said = {
        StaffField.FAMILY: name.family_name,
        StaffField.GIVEN: name.given_name,
        StaffField.SITE: work.division,
        StaffField.DEPARTMENT: work.department,
        StaffField.FUNCTION: user.title,
        StaffField.PROFESSION_CODE: professional.profession_code,
        StaffField.RPPS: professional.rpps,
        StaffField.ADELI: professional.adeli,
        StaffField.MAILBOX: professional.mailbox,
        StaffField.PHONE: _phone(phones),
        StaffField.EXTERNAL_ID: user.external_id,
        StaffField.IS_PUBLISHED: None if user.active is None else str(user.active),
    }
    return {name: value or "" for name, value in said.items()}


def _phone(phones: Sequence[Telephone]) -> str:
    """The last one: an `add` comes after those that are there.  `tel:` of RFC 3966 is taken off."""
    values = [phone.value for phone in phones if phone.value]
    return values[-1].removeprefix("tel:") if values else ""


def group_of(unit: Unit, members: Sequence[StaffMember], base: str) -> Group:
    """A department; `members`: who works there."""
    listed: list[Any] = [{"value": one.id, "$ref": f"{base}/Users/{one.id}", "type": "User"} for one in members]
    return Group(
        id=unit.id,
        external_id=unit.external_id or None,
        display_name=unit.name,
        members=listed or None,
        meta=Meta(resource_type="Group", location=f"{base}/Groups/{unit.id}"),
    )
