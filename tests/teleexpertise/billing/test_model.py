"""The place of an act among those of its year; patients as digests."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from miss.base.ids import PractitionerId, RequestId
from miss.documents.identities import InsOid, InsStatus, PatientIdentity, Sex, parse_matricule
from teleexpertise.billing.model import BilledAct, Digests, digests, ranked, year_of

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
TRAITS = PatientIdentity(
    birth_family_name="FICTIF", birth_given_names=("BASTIEN",), birth_date=date(1985, 7, 14), sex=Sex("M")
)
WITH_NUMBER = replace(TRAITS, matricule=parse_matricule("185075918304224"), oid=InsOid.NIR, status=InsStatus.RECUPEREE)
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def act(number: int, patient: Digests, *, code: str = "TE2", actor: str = "anne", at: datetime = START) -> BilledAct:
    return BilledAct(RequestId(f"r-{number}"), f"TE{number}", code, PractitionerId(actor), at, patient)


def test_one_patient_is_known_by_number_or_by_traits() -> None:
    plain, full = digests(TRAITS, KEY), digests(WITH_NUMBER, KEY)
    assert plain.same(full)
    assert plain.same(digests(replace(TRAITS, birth_family_name="Fictif", sex=None), KEY))
    renamed = digests(replace(WITH_NUMBER, birth_given_names=("BASTIAN",)), KEY)
    assert renamed.same(full), "a spelling does not hide a number"
    assert not renamed.same(plain)
    assert not Digests("", "").same(Digests("", ""))


def test_digests_say_nothing_without_the_key_and_differ_under_another() -> None:
    full = digests(WITH_NUMBER, KEY)
    assert "185075918304224" not in full.matricule + full.traits
    assert full.matricule != full.traits
    assert not full.same(digests(WITH_NUMBER, OTHER_KEY))


def test_acts_are_ranked_by_code_professional_patient_and_year() -> None:
    patient, other = digests(TRAITS, KEY), digests(replace(TRAITS, birth_family_name="AUTRE"), KEY)
    later = START + timedelta(days=1)
    acts = [
        act(2, patient, at=later),
        act(1, patient),
        act(3, other, at=later),
        act(4, patient, code="RQD", at=later),
        act(5, patient, actor="karim", at=later),
        act(6, patient, at=START + timedelta(days=400)),
    ]
    ranks = ranked(acts)
    assert {key[0]: rank for key, rank in ranks.items()} == {
        "r-1": 1, "r-2": 2, "r-3": 1, "r-4": 1, "r-5": 1, "r-6": 1,
    }  # fmt: skip


def test_the_year_turns_on_french_clocks() -> None:
    assert year_of(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == 2027
