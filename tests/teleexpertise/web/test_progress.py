"""How far a draft is."""

import json
from datetime import UTC, date, datetime
from importlib.resources import files

from miss.base.text import Language
from teleexpertise.intake.assessment import Arrived, Assessment, assess
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.requests.content import RequestContent
from teleexpertise.web.form import compose_fields
from teleexpertise.web.progress import compose_progress, compose_rules

FORM = FormRegistry.load(files("forms")).published("dermatologie")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def looked(answers: Answers) -> Assessment:
    arrived = Arrived(form=FORM, answers=answers, answered_at={}, replaces=True)
    return assess(RequestContent(), arrived, [], NOW)


def test_what_is_missing_is_named_shortly_in_the_order_of_the_form_and_leads_to_its_field() -> None:
    progress = compose_progress(FORM, looked({"d.alerte": (False,)}), Language.FR)
    targets = [one.target for one in progress.missing]
    assert targets[0] == "f-c-patient-nom"
    assert "f-d-alerte" not in targets
    assert {one.text for one in progress.missing} >= {"Nom de naissance", "Début"}
    fields = {child.id for field in compose_fields(FORM, {}, language=Language.FR) for child in (field, *field.fields)}
    assert {*targets} <= fields
    assert progress.asked - progress.answered == len(progress.missing)
    assert progress.answered == 1


def test_sections_count_what_they_lack() -> None:
    progress = compose_progress(FORM, looked({"d.alerte": (False,)}), Language.EN)
    missing = {section.target: section.missing for section in progress.sections}
    assert missing["f-d-g-alerte"] == 0
    assert missing["f-d-g-photos"] == 2
    assert sum(missing.values()) == len(progress.missing)


def test_a_question_opened_by_an_answer_is_asked_too() -> None:
    before = compose_progress(FORM, looked({}), Language.FR)
    after = compose_progress(FORM, looked({"d.alerte": (True,)}), Language.FR)
    assert "f-d-alerte-action" in {one.target for one in after.missing}
    assert after.asked == before.asked + 1
    assert after.hours == 24
    assert any("alerte" in reason for reason in after.reasons)


def test_what_cannot_be_sent_says_why() -> None:
    progress = compose_progress(FORM, looked({"c.information": (False,)}), Language.FR)
    assert len(progress.blocked) == 1
    assert json.loads(json.dumps(progress.as_json()))["blocked"] == list(progress.blocked)


def test_the_script_knows_every_rule_of_the_form() -> None:
    rules = json.loads(compose_rules(FORM, Language.FR))
    assert {"question": "d.alerte", "operator": "=", "answer": "true"} in rules[0]["conditions"]
    assert any(one["operator"] == "count>=" for rule in rules for one in rule["conditions"])
    [block] = [rule for rule in rules if rule["hours"] is None]
    assert block["conditions"] == [{"question": "c.information", "operator": "=", "answer": "false"}]
    assert len(rules) == len(FORM.deadlines) + len(FORM.blocks)


def test_a_wrong_answer_is_told_whole() -> None:
    wrong: Answers = {"d.type": (Coding("pigmentee"),), "d.diametre": (0,)}
    [told] = [one for one in compose_progress(FORM, looked(wrong), Language.FR).missing if one.target == "f-d-diametre"]
    assert "inférieure au minimum" in told.text


def test_the_identity_comes_where_the_form_asks_for_it() -> None:
    traits: Answers = {
        "c.patient.nom": ("FICTIF",),
        "c.patient.prenoms": ("BASTIEN",),
        "c.patient.naissance": (date(1985, 7, 14),),
    }
    progress = compose_progress(FORM, looked({**traits, "c.patient.matricule": ("185075918304225",)}), Language.FR)
    targets = [one.target for one in progress.missing]
    assert targets.index("f-d-alerte") < targets.index("f-c-patient-matricule") < targets.index("f-c-delai")
