"""The OIDs under which a deployment's documents are known.

An operator has an arc of its own, or one follows from its public address: `2.25.` and a UUID (ITU-T X.667) needs no
registration.  Numbers of requests are unique in a deployment, so a document's OID follows from them.
"""

import re
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from miss.documents.errors import LetterIncomplete
from miss.documents.nomenclatures.kinds import TLM_CR, TLM_DA

_BRANCHES: Final = {TLM_DA.type.code: 1, TLM_CR.type.code: 2}
_DIGITS = re.compile("[0-9]+")


def derived_root(origin: str) -> str:
    """The arc of a deployment that has none: the same for the same public address (`https://miss.example`)."""
    return f"2.25.{uuid5(NAMESPACE_URL, origin).int}"


def set_id_of(root: str, code: str, number: str) -> str:
    """`setId` of the letter of that type in that dossier: `root.2.26000417` for the answer to `TE26000417`.

    Raises LetterIncomplete for a number without digits, or a type that has no branch.
    """
    digits = "".join(_DIGITS.findall(number)).lstrip("0")
    if not digits or code not in _BRANCHES:
        raise LetterIncomplete(field="number" if not digits else "code")
    return f"{root}.{_BRANCHES[code]}.{digits}"


def submission_id_of(document_oid: str) -> str:
    """`uniqueId` of the submission that carries one document."""
    return f"{document_oid}.9"
