"""Among others: a new specialty takes a JSON file and no code."""

import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from teleexpertise.questionnaire.check import check
from teleexpertise.questionnaire.errors import FormsFaulty, UnknownForm
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse
from teleexpertise.questionnaire.parse_text import parse_labelled_answers
from teleexpertise.questionnaire.registry import FormRegistry, lint_forms
from teleexpertise.questionnaire.render import mail_template
from tests.teleexpertise.questionnaire.samples import FORMS, REGISTRY

BASE = "https://miss.example/fhir/Questionnaire/"
OURS = "https://miss.example/fhir/StructureDefinition/"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the real forms, to be changed at will."""
    return Path(shutil.copytree(FORMS, tmp_path / "forms"))


def document(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def write(root: Path, form: dict[str, Any]) -> None:
    (root / form["id"]).mkdir(exist_ok=True)
    (root / form["id"] / f"{form['version']}.json").write_text(json.dumps(form))


def test_forms_are_read_from_the_installed_package() -> None:
    assert FormRegistry.load(files("forms")).forms == REGISTRY.forms


def test_forms_are_got_by_canonical_as_written_and_assembled() -> None:
    assert REGISTRY.get(BASE + "dermatologie|1.0.0").id == "dermatologie"
    assembled = REGISTRY.get(BASE + "dermatologie|1.0.0+commun.1.0.0")
    assert assembled == REGISTRY.published("dermatologie")
    assert assembled.find_item("c.delai")
    answer = REGISTRY.answer_form(assembled.canonical)
    assert REGISTRY.get(answer.canonical) == answer
    assert answer.item("r.precisions").option("d.photo.proche")
    for unknown in (BASE + "dermatologie", BASE + "dermatologie|9.0.0", ""):
        assert REGISTRY.find(unknown) is None
        with pytest.raises(UnknownForm):
            REGISTRY.get(unknown)


def test_only_specialties_are_published() -> None:
    assert [form.id for form in REGISTRY.specialties()] == ["cardiologie", "dermatologie", "ophtalmologie", "plaies"]
    for other in ("commun", "reponse", "nulle-part"):
        with pytest.raises(UnknownForm):
            REGISTRY.published(other)
    with pytest.raises(UnknownForm):
        REGISTRY.latest("nulle-part")


@pytest.mark.parametrize(
    "words",
    [
        "dermatologie",
        "Dermatologie",
        "DERMATOLOGY",
        "dermatologie 1.0.0+commun.1.0.0",
        BASE + "dermatologie|1.0.0+commun.1.0.0",
    ],
)
def test_a_request_form_is_found_by_what_people_call_it(words: str) -> None:
    assert REGISTRY.named(words) == REGISTRY.published("dermatologie")


@pytest.mark.parametrize("words", ["", "commun", "reponse", "astrologie", "dermatologie 9.9.9"])
def test_what_is_no_request_form_is_not_found(words: str) -> None:
    assert REGISTRY.named(words) is None


def test_a_new_version_is_published_and_the_old_one_stays(root: Path) -> None:
    for version in ("1.9.0", "1.10.0"):
        write(root, document(root / "commun/1.0.0.json") | {"version": version})
    registry = FormRegistry.load(root)
    assert registry.latest("commun").version == "1.10.0"
    assert registry.published("dermatologie").version == "1.0.0+commun.1.10.0"
    old = registry.get(BASE + "dermatologie|1.0.0+commun.1.0.0")
    assert registry.named("dermatologie 1.0.0+commun.1.0.0") == old
    assert registry.answer_form(old.canonical).version == "1.0.0+dermatologie.1.0.0.commun.1.0.0"


def test_a_retired_specialty_is_no_longer_published(root: Path) -> None:
    write(root, document(root / "plaies/1.0.0.json") | {"version": "1.1.0", "status": "retired"})
    registry = FormRegistry.load(root)
    assert "plaies" not in [form.id for form in registry.specialties()]
    with pytest.raises(UnknownForm):
        registry.published("plaies")
    assert registry.get(BASE + "plaies|1.0.0+commun.1.0.0").id == "plaies"


def faults_at_start(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(FormsFaulty) as caught:
        FormRegistry.load(root)
    return [(fault.path, fault.code) for fault in caught.value.faults]


def test_every_faulty_form_is_named_at_start(root: Path) -> None:
    (root / "plaies/1.0.0.json").write_text("{")
    broken = document(root / "reponse/1.0.0.json")
    broken["item"][0]["item"][0]["linkId"] = "R"
    write(root, broken)
    assert ("plaies/1.0.0.json", "not_json") in faults_at_start(root)
    assert ("reponse/1.0.0.json r.g.decision/R", "link_id") in faults_at_start(root)


def test_a_form_stands_in_its_place(root: Path) -> None:
    (root / "plaies/1.0.0.json").rename(root / "plaies/2.0.0.json")
    assert faults_at_start(root) == [("plaies/2.0.0.json", "form_place")]


def test_parts_that_do_not_go_together_are_named_by_their_canonical(root: Path) -> None:
    clash = document(root / "plaies/1.0.0.json")
    clash["item"][1]["item"][1]["text"] = "Délai souhaité"  # the label of c.delai
    write(root, clash)
    assert (BASE + "plaies|1.0.0+commun.1.0.0", "duplicate_label") in faults_at_start(root)


def test_a_folder_without_forms_is_refused(tmp_path: Path) -> None:
    assert faults_at_start(tmp_path) == [("", "no_forms")]


def test_lint_names_every_file_and_every_assembled_form() -> None:
    found = lint_forms(FORMS)
    assert not any(found.values())
    assert {"commun/1.0.0.json", BASE + "dermatologie|1.0.0+commun.1.0.0"} <= found.keys()


def text(name: str, french: str, english: str) -> dict[str, Any]:
    parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": english}]
    url = "http://hl7.org/fhir/StructureDefinition/translation"
    return {name: french, f"_{name}": {"extension": [{"url": url, "extension": parts}]}}


RHEUMATOLOGY: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "id": "rhumatologie",
    "language": "fr",
    "url": BASE + "rhumatologie",
    "version": "1.0.0",
    **text("title", "Rhumatologie", "Rheumatology"),
    "status": "draft",
    "extension": [
        {"url": OURS + "approval", "valueCode": "pending"},
        {"url": OURS + "deadlineAtMost", "extension": [
            {"url": "hours", "valueInteger": 24},
            {"url": "condition", "extension": [
                {"url": "question", "valueString": "h.alerte"},
                {"url": "operator", "valueCode": "="},
                {"url": "answer", "valueBoolean": True},
            ]},
            {"url": "reason", "extension": [
                {"url": "fr", "valueString": "Alerte."}, {"url": "en", "valueString": "Alert."}]},
        ]},
    ],
    "item": [
        {"linkId": "h.g.alerte", **text("text", "Alerte", "Alert"), "type": "group",
         "extension": [{"url": OURS + "alert", "valueBoolean": True}],
         "item": [{"linkId": "h.alerte", **text("text", "ALERTE : articulation chaude ?", "RED FLAG: hot joint?"),
                   "type": "boolean", "required": True}]},
        {"linkId": "h.articulation", **text("text", "Articulation", "Joint"), "type": "choice", "required": True,
         "answerOption": [{"valueCoding": {"code": code, **text("display", french, english)}}
                          for code, french, english in (("genou", "Genou", "Knee"), ("main", "Main", "Hand"))]},
    ],
}  # fmt: skip


def test_a_new_specialty_takes_a_json_file_and_no_code(root: Path) -> None:
    write(root, RHEUMATOLOGY)
    registry = FormRegistry.load(root)
    assert [form.id for form in registry.specialties()][-1] == "rhumatologie"
    form = registry.published("rhumatologie")
    assert "h.articulation * : " in mail_template(form)
    found = parse_labelled_answers(form, "h.alerte : oui\nArticulation : genou")
    assert found.answers == {"h.alerte": (True,), "h.articulation": (Coding("genou"),)}
    checked = check(form, QuestionnaireResponse(form.canonical, found.answers))
    assert checked.deadline_at_most_hours == 24
    missing = {problem.link_id for problem in checked.problems}
    assert "c.question" in missing
    assert "h.articulation" not in missing
    assert registry.answer_form(form.canonical).item("r.precisions").option("h.articulation")
