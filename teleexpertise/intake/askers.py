"""« Demandeur : … »: in whose hand an establishment asks, when its mail comes from a mailbox that its people share.

The line says a name or an RPPS number; without it, the sender of the HPRIM header counts.  Only somebody who works
there is taken: a member, somebody of the staff list, or whom the register has at that place (ADR 59).
"""

import re
from typing import Final

from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.directory.establishments.colleagues import Colleagues
from miss.directory.practitioners import Practitioner
from miss.directory.practitioners.model import organization_of_party
from teleexpertise.questionnaire.model import Problem
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.routing.wishes import find_named, take_line, without_title

ASKER_LINE: Final = "Demandeur : "
_LINE = re.compile(
    r"^[^\S\n]*(?:[-•*][^\S\n]*)?(?:demandeu(?:r|se)|demandée?[^\S\n]+par|requérante?|asked[^\S\n]+by)[^\S\n]*:(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_MISSING = Problem(
    "",
    "asker_missing",
    Text(
        fr="Demandeur non précisé : écrivez une ligne « Demandeur : » suivie des prénom et nom, ou du numéro RPPS, du "
        "professionnel de votre établissement qui demande cet avis.",
        en="The asker is not named: write a line “Demandeur:” with the name, or the RPPS number, of the professional "
        "of your establishment who asks for this advice.",
    ),
)
_UNKNOWN = Problem(
    "",
    "asker_unknown",
    Text(
        fr="Le demandeur nommé n’est pas connu dans votre établissement (liste du personnel, annuaire), ou plusieurs y "
        "portent ce nom : écrivez ses prénom et nom, ou son numéro RPPS.",
        en="The asker named is not known in your establishment (list of staff, directory), or several bear that name "
        "there: write first and family name, or the RPPS number.",
    ),
)
ASKER_PROBLEMS: Final = frozenset({_MISSING.code, _UNKNOWN.code})


def take_asker(text: str) -> tuple[str, str]:
    """Whom a mail names as its asker, empty if nobody; and the text without that line.  Quotes of mails name nobody."""
    return take_line(_LINE, text)


class Askers:
    """Who asks for establishments."""

    def __init__(self, parts: Parts) -> None:
        self._colleagues = Colleagues(
            parts.db, parts.clock, parts.random_bytes, parts.practitioners, parts.accounts, parts.roles
        )

    async def find(self, establishment: Practitioner, said: str) -> PractitionerId | None:
        """The one person of that establishment whom `said` means; None: nobody, or several."""
        if not said:
            return None
        name = without_title(said)
        return find_named(name, await self._colleagues.list_meant(organization_of_party(establishment.id), name))

    async def name(
        self, establishment: Practitioner, said: str, header_sender: str
    ) -> tuple[PractitionerId | None, Problem]:
        """Who asks, and what is to be told while nobody is known: by the line of the mail, else by its header."""
        found = await self.find(establishment, said or header_sender)
        return found, _UNKNOWN if said else _MISSING
