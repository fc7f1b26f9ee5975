"""The two people who do not exist: in their names a deployment probes itself (`miss probe`, docs/operations.md).

They have an account and a device each, as everybody has, so that a probe goes through the same doors.  No register
knows their numbers, which nobody is given; no search, export, feed or statistic shows them, and what they ask goes to
each other only (`teleexpertise.probing`).
"""

from typing import Final

from miss.base.ids import PractitionerId
from miss.directory.practitioners.model import Coding, Practitioner, practitioner_id

ASKING_RPPS: Final = "99999999909"
ANSWERING_RPPS: Final = "99999999917"
ASKING: Final = practitioner_id(ASKING_RPPS)
ANSWERING: Final = practitioner_id(ANSWERING_RPPS)
_GIVEN: Final = {ASKING: "Demande", ANSWERING: "Réponse"}
_PHYSICIAN: Final = "10"
"""Who asks for advice has a profession (TRE_G15)."""


def is_probe_id(identifier: str) -> bool:
    """True for one of the two."""
    return identifier in _GIVEN


def from_probe(identifier: PractitionerId) -> Practitioner:
    """One of the two as pages show a person: marked as what it is, without mailbox or place.  Raises KeyError."""
    return Practitioner(
        id=identifier,
        family="Sonde technique",
        given=_GIVEN[identifier],
        civility="",
        profession=Coding(_PHYSICIAN, "Sonde technique (fictive)"),
        roles=(),
        mailboxes=(),
    )
