from miss.base.text import Text
from teleexpertise.questionnaire.assemble import assemble, assemble_answer
from teleexpertise.questionnaire.lint import lint
from teleexpertise.questionnaire.model import Block, Deadline, Item, ItemType
from tests.teleexpertise.questionnaire.samples import form, item, when

BOOLEAN, TEXT, GROUP = ItemType.BOOLEAN, ItemType.TEXT, ItemType.GROUP
RULE = Deadline(24, (when("s.a"),), Text("vite", "fast"))
BLOCK = Block((when("c.ok", False),), Text("non", "no"))


def group(link_id: str, *items: Item, alert: bool = False) -> Item:
    return item(link_id, GROUP, items=items, alert=alert)


SPECIALTY = form(group("s.g1", item("s.a", BOOLEAN), alert=True), group("s.g2", item("s.b", TEXT)), deadlines=(RULE,))
COMMON = form(
    group("c.g", item("c.ok", BOOLEAN)),
    id="commun",
    url="https://miss.example/fhir/Questionnaire/commun",
    version="2.1.0",
    blocks=(BLOCK,),
)


def test_the_common_part_stands_behind_the_alert() -> None:
    assembled = assemble(SPECIALTY, COMMON)
    assert [one.link_id for one in assembled.items] == ["s.g1", "c.g", "s.g2"]
    assert lint(assembled) == ()


def test_without_an_alert_the_common_part_comes_first() -> None:
    plain = form(group("s.g2", item("s.b", TEXT)))
    assert [one.link_id for one in assemble(plain, COMMON).items] == ["c.g", "s.g2"]


def test_rules_of_both_parts_hold() -> None:
    assembled = assemble(SPECIALTY, COMMON)
    assert assembled.deadlines == (RULE,)
    assert assembled.blocks == (BLOCK,)


def test_the_version_pins_both_parts() -> None:
    assembled = assemble(SPECIALTY, COMMON)
    assert assembled.canonical == "https://miss.example/fhir/Questionnaire/essai|1.0.0+commun.2.1.0"
    assert assembled.derived_from == (SPECIALTY.canonical, COMMON.canonical)


def test_the_answer_form_offers_the_questions_of_the_request() -> None:
    answer = form(
        group("r.g", item("r.what", ItemType.CHOICE, repeats=True, options_from_request=True), item("r.text", TEXT)),
        id="reponse",
        url="https://miss.example/fhir/Questionnaire/reponse",
        title=Text("Réponse", "Answer"),
    )
    hidden = item("s.hidden", TEXT, hidden=True)
    request = assemble(form(group("s.g1", item("s.a", BOOLEAN), hidden, alert=True)), COMMON)
    assembled = assemble_answer(answer, request)
    question = assembled.item("r.what")
    assert [option.value.code for option in question.options] == ["s.a", "c.ok"]
    assert question.options[0].label == request.item("s.a").label
    assert assembled.item("r.text").options == ()
    assert assembled.version == "1.0.0+essai.1.0.0.commun.2.1.0"
    assert assembled.title == Text("Réponse – Essai", "Answer – Trial")
    assert assembled.derived_from == (answer.canonical, request.canonical)
    assert lint(assembled) == ()
