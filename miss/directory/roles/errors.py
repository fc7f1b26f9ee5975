"""What roles refuse."""

from miss.base.errors import Conflict, Forbidden, NotFound
from miss.base.text import Text


class GrantRefused(Forbidden):
    """Not somebody who may grant that role there, or one that they ask for themselves."""

    code = "grant_refused"
    text = Text(
        fr="Vous ne pouvez pas attribuer ni retirer ce rôle. Demandez-le à qui administre l’établissement, le groupe "
        "d’experts ou la plateforme ; personne ne s’attribue un rôle à soi-même.",
        en="You cannot grant or take back this role. Ask whoever administers the establishment, the pool or the "
        "platform; nobody grants a role to themselves.",
    )


class NotForStaff(Forbidden):
    """A staff person acts for a practitioner or an establishment, and has no other role."""

    code = "role_not_for_staff"
    text = Text(
        fr="Cette personne n’a pas de numéro RPPS : elle peut être secrétaire d’un praticien ou membre d’un "
        "établissement, rien d’autre.",
        en="This person has no RPPS number: they can be a practitioner’s secretary or a member of an establishment, "
        "nothing else.",
    )


class RolesApart(Conflict):
    """Technician and auditor are never one person."""

    code = "roles_apart"
    text = Text(
        fr="Technicien et auditeur sont deux personnes différentes : qui agit ne contrôle pas.",
        en="Technician and auditor are two different people: who acts does not audit.",
    )


class GrantExists(Conflict):
    """They have it already."""

    code = "grant_exists"
    text = Text(fr="Cette personne a déjà ce rôle.", en="This person has this role already.")


class GrantNotFound(NotFound):
    """They do not have it."""

    code = "grant_not_found"
    text = Text(
        fr="Cette personne n’a pas, ou plus, ce rôle. Rechargez la page.",
        en="This person does not have this role, or no longer. Reload the page.",
    )
