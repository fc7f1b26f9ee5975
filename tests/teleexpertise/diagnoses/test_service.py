"""The short list and the official table together."""

from miss.storage import Database
from teleexpertise.diagnoses import Diagnoses
from teleexpertise.diagnoses.model import CODE_ITEM, SYSTEM
from teleexpertise.diagnoses.official import parse_table
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse

OFFICIAL = """code;libelle
L20.9;Libellé officiel de L20.9
Z99.9;Dépendance de machines, 100 % _rare_
L20.0;Prurigo de Besnier
"""


async def test_the_short_list_is_there_before_anybody_loads_a_table(db: Database) -> None:
    found = await Diagnoses(db).search("dermite atopique")
    assert [one.code for one in found] == ["L20.9"]
    assert await Diagnoses(db).search("machines") == []


async def test_a_loaded_table_adds_what_the_short_list_lacks_and_loading_twice_is_once(db: Database) -> None:
    diagnoses, table = Diagnoses(db), parse_table(OFFICIAL.encode())
    assert await diagnoses.load(table) == (0, 3)
    assert await diagnoses.load(table) == (3, 3)
    assert [one.code for one in await diagnoses.search("machines")] == ["Z99.9"]
    assert [one.code for one in await diagnoses.search("L20")] == ["L20.9", "L20.0"], "the short list first"
    assert await diagnoses.search("%% __") == []
    assert [one.code for one in await diagnoses.search("100 %")] == ["Z99.9"], "signs of patterns are letters"


async def test_the_code_of_a_diagnosis_travels_beside_its_text(db: Database) -> None:
    diagnoses = Diagnoses(db)
    answer = QuestionnaireResponse("form", {"r.diagnostic": ("Eczéma des mains (L20.9)",)})
    coded = await diagnoses.coded(answer)
    assert coded.answers[CODE_ITEM] == (Coding("L20.9", system=SYSTEM),)
    assert coded.answers["r.diagnostic"] == answer.answers["r.diagnostic"]
    await diagnoses.load(parse_table(OFFICIAL.encode()))
    [coding] = (await diagnoses.coded(answer)).answers[CODE_ITEM]
    assert isinstance(coding, Coding)
    assert coding.display == "Libellé officiel de L20.9", "official words go before ours"


async def test_a_code_that_nobody_knows_stays_text(db: Database) -> None:
    answer = QuestionnaireResponse("form", {"r.diagnostic": ("Mystère (X99.9)",)})
    assert await Diagnoses(db).coded(answer) == answer
    assert await Diagnoses(db).get_words("X99.9") == ""
