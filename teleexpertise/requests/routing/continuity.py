"""Who answered this requester about this patient before.

Only the requester's own earlier requests are looked at: what another requester asked about a patient is not theirs to
learn of, be it by the choice of an expert.
"""

from typing import Final

from miss.base.ids import PractitionerId
from miss.documents.identities import PatientIdentity
from miss.storage import Transaction
from teleexpertise.questionnaire.fold import fold
from teleexpertise.requests import store
from teleexpertise.requests.model import TOLD
from teleexpertise.requests.parts import Parts

LOOKED_AT: Final = 60
"""The latest requests of one requester: each is unsealed to see about whom it was."""


async def find_continuity(
    parts: Parts, tx: Transaction, requester: PractitionerId, form_id: str, patient: PatientIdentity | None
) -> PractitionerId | None:
    """The expert of the last answer about the same patient on the same form, whatever its version; None: there is
    none."""
    if patient is None:
        return None
    for stored in await store.list_of_requester(tx, requester, limit=LOOKED_AT):
        request = stored.request
        form = parts.registry.find(request.canonical)
        if request.state not in TOLD or form is None or form.id != form_id:
            continue
        known = (await parts.vault.open_content(request.id, stored.content)).patient
        if known is not None and is_same(known, patient):
            return request.holder
    return None


def is_same(one: PatientIdentity, other: PatientIdentity) -> bool:
    """By matricule if both have one, else by the strict traits that every request asks for."""
    if one.matricule is not None and other.matricule is not None:
        return one.matricule == other.matricule
    return _traits(one) == _traits(other)


def _traits(patient: PatientIdentity) -> tuple[object, ...]:
    return fold(patient.birth_family_name), fold(patient.birth_given_names[0]), patient.birth_date
