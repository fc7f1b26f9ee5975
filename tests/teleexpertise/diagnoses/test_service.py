"""The short list and the official table together."""

from datetime import timedelta

from miss.base.clock import MovableClock
from miss.storage import Database
from teleexpertise.diagnoses import Diagnoses
from teleexpertise.diagnoses.model import CODE_ITEM, SYSTEM
from teleexpertise.diagnoses.official import parse_table
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse

EDITION = "CIM-10 FR 2026 (ATIH)"
OFFICIAL = """code;libelle
L20.9;Libellé officiel de L20.9
Z99.9;Dépendance de machines, 100 % _rare_
L20.0;Prurigo de Besnier
"""


async def test_the_short_list_is_there_before_anybody_loads_a_table(db: Database, clock: MovableClock) -> None:
    found = await Diagnoses(db, clock).search("dermite atopique")
    assert [one.code for one in found] == ["L20.9"]
    assert await Diagnoses(db, clock).search("machines") == []


async def test_a_loaded_table_adds_what_the_short_list_lacks_and_loading_twice_is_once(
    db: Database, clock: MovableClock
) -> None:
    diagnoses, table = Diagnoses(db, clock), parse_table(OFFICIAL.encode())
    assert await diagnoses.load(table, EDITION) == (0, 3)
    assert await diagnoses.load(table, EDITION) == (3, 3)
    assert [one.code for one in await diagnoses.search("machines")] == ["Z99.9"]
    assert [one.code for one in await diagnoses.search("L20")] == ["L20.9", "L20.0"], "the short list first"
    assert await diagnoses.search("%% __") == []
    assert [one.code for one in await diagnoses.search("100 %")] == ["Z99.9"], "signs of patterns are letters"


async def test_the_code_of_a_diagnosis_travels_beside_its_text(db: Database, clock: MovableClock) -> None:
    diagnoses = Diagnoses(db, clock)
    answer = QuestionnaireResponse("form", {"r.diagnostic": ("Eczéma des mains (L20.9)",)})
    coded = await diagnoses.coded(answer)
    assert coded.answers[CODE_ITEM] == (Coding("L20.9", system=SYSTEM),)
    assert coded.answers["r.diagnostic"] == answer.answers["r.diagnostic"]
    await diagnoses.load(parse_table(OFFICIAL.encode()), EDITION)
    [coding] = (await diagnoses.coded(answer)).answers[CODE_ITEM]
    assert isinstance(coding, Coding)
    assert coding.display == "Libellé officiel de L20.9", "official words go before ours"


async def test_a_code_of_ours_travels_under_its_official_label_and_is_found_by_either(
    db: Database, clock: MovableClock
) -> None:
    diagnoses = Diagnoses(db, clock)
    assert [one.code for one in await diagnoses.search("pyodermie phagédénique")] == ["L88"]
    assert [one.code for one in await diagnoses.search("pyodermite gangréneuse")] == ["L88"]
    coding = await diagnoses.coding_in("Pyodermie phagédénique (L88)")
    assert coding is not None
    assert coding.display == "Pyodermite gangréneuse"


async def test_what_was_loaded_last_is_told_with_its_date(db: Database, clock: MovableClock) -> None:
    diagnoses, table = Diagnoses(db, clock), parse_table(OFFICIAL.encode())
    assert await diagnoses.find_edition() is None
    await diagnoses.load(table, "CIM-10 FR 2025 (ATIH)")
    clock.advance(timedelta(days=400))
    before = clock.now()
    await diagnoses.load(table, EDITION)
    edition = await diagnoses.find_edition()
    assert edition is not None
    assert (edition.name, edition.codes) == (EDITION, 3)
    assert before <= edition.at <= clock.now()


async def test_a_code_that_nobody_knows_stays_text(db: Database, clock: MovableClock) -> None:
    answer = QuestionnaireResponse("form", {"r.diagnostic": ("Mystère (X99.9)",)})
    assert await Diagnoses(db, clock).coded(answer) == answer
    assert await Diagnoses(db, clock).get_words("X99.9") == ""
