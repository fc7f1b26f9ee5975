"""Drafts kept while one types."""

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from teleexpertise.attachments.service import IncomingFile
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.drafts import Edit, revision_of
from teleexpertise.intake.service import Intake, Submission
from teleexpertise.questionnaire.model import Answers, AttachmentRef, Coding, FormStatus
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.requests.errors import RequestUnknown, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, State
from tests.teleexpertise.office import ANSWERS, END, HEADER, Office, photo


async def begun(office: Office, answers: Answers | None = None, source: str = "page-0001") -> ExpertiseRequest:
    """A draft made on the pages."""
    form = office.service.registry.published("dermatologie")
    taken = await office.service.intake.take(
        Submission(
            source=source,
            key=source,
            digest=source.encode().ljust(32, b"."),
            requester=office.paul,
            arrived=Arrived(form=form, answers=answers or {}, answered_at={}, replaces=True),
            tells_by_mail=False,
        )
    )
    return taken.request


def edit(office: Office, answers: Answers, *files_: IncomingFile, source: str = "edit-0001", **changes: object) -> Edit:
    now = office.house.clock.now()
    arrived = Arrived(
        form=office.service.registry.published("dermatologie"),
        answers=answers,
        answered_at=dict.fromkeys(answers, now),
        merges=True,
    )
    return Edit(source=source, requester=office.paul.id, arrived=replace(arrived, **changes), files=files_)  # type: ignore[arg-type]


async def answers_of(office: Office, number: str) -> Answers:
    view = await office.service.reading.view(number, office.paul.id)
    assert view.seen is not None
    assert view.seen.response is not None
    return view.seen.response.answers


async def test_saving_keeps_judges_and_says_nothing_to_anybody(office: Office) -> None:
    draft, drafts = await begun(office), office.service.drafts
    saved = await drafts.save(draft.number, edit(office, {"c.question": ("Faut-il ?",)}))
    assert (await answers_of(office, draft.number))["c.question"] == ("Faut-il ?",)
    assert "c.question" not in {problem.link_id for problem in saved.assessment.problems}
    assert "d.debut" in {problem.link_id for problem in saved.assessment.problems}
    await office.run_jobs()
    assert office.mails() == []


async def test_two_pages_at_the_same_moment_are_merged(office: Office) -> None:
    draft, drafts = await begun(office), office.service.drafts
    edits = [edit(office, {name: (Coding("x", name),)}) for name in ("d.debut", "d.evolution", "c.delai", "c.but")]
    ended = await asyncio.gather(*(drafts.save(draft.number, one) for one in edits))
    assert (await answers_of(office, draft.number)).keys() >= {"d.debut", "d.evolution", "c.delai", "c.but"}
    assert [one.moved for one in ended].count(True) >= 1


async def test_a_page_learns_that_the_draft_was_written_elsewhere(office: Office) -> None:
    draft, drafts = await begun(office), office.service.drafts
    first = await drafts.save(draft.number, edit(office, {"c.question": ("Une ?",)}))
    assert not first.moved
    again = replace(edit(office, {"c.question": ("Deux ?",)}), known_revision=first.revision)
    second = await drafts.save(draft.number, again)
    assert not second.moved
    assert (await drafts.save(draft.number, again)).moved, "it knew the first writing, not the second"
    view = await office.service.reading.view(draft.number, office.paul.id)
    assert view.seen is not None
    assert view.seen.content.page_key, "what a browser keeps is sealed"
    assert revision_of(view.seen.content) != first.revision


async def test_a_photograph_sent_twice_is_one_and_may_be_taken_away(office: Office) -> None:
    draft, drafts = await begun(office), office.service.drafts
    sent = edit(office, {}, IncomingFile("vue.jpg", "image/jpeg", photo(), "d.photo.large"), source="envoi-0001")
    for _ in range(2):
        await drafts.save(draft.number, sent)
    [file] = (await answers_of(office, draft.number))["d.photo.large"]
    assert isinstance(file, AttachmentRef)
    await drafts.save(draft.number, edit(office, {}, removed=frozenset({file.ref})))
    assert "d.photo.large" not in await answers_of(office, draft.number)


async def test_a_seventh_photograph_is_not_lost_and_the_thirteenth_is_refused_by_name(office: Office) -> None:
    draft, drafts = await begun(office), office.service.drafts
    for rank in range(1, 8):
        file = IncomingFile(f"n{rank}.jpg", "image/jpeg", photo(size=(8, 8)), "d.photo.proche")
        await drafts.save(draft.number, edit(office, {}, file, source=f"envoi-000{rank}"))
    answers = await answers_of(office, draft.number)
    assert [len(answers[item]) for item in ("d.photo.proche", "d.photo.large", "c.piece")] == [4, 1, 2]
    more = [IncomingFile(f"p{rank}.jpg", "image/jpeg", photo(size=(8, 8)), "c.piece") for rank in range(6)]
    saved = await drafts.save(draft.number, edit(office, {}, *more, source="envoi-0009"))
    assert [file.error.code for file in saved.refused_files] == ["too_many_attachments"]
    assert "12 pièces" in saved.refused_files[0].error.sentence()


async def test_what_is_not_understood_is_kept_as_it_was_typed_and_told(office: Office) -> None:
    draft, drafts = await begun(office, {"d.type": (Coding("pigmentee"),)}), office.service.drafts
    now = office.house.clock.now()
    wrong = edit(office, {}, unread={"d.diametre": ("sept",)}, answered_at={"d.diametre": now})
    saved = await drafts.save(draft.number, wrong)
    assert saved.assessment.content.unread == {"d.diametre": ("sept",)}
    assert ("d.diametre", "wrong_type") in {(one.link_id, one.code) for one in saved.assessment.problems}
    right = await drafts.save(draft.number, edit(office, {"d.diametre": (7,)}))
    assert right.assessment.content.unread == {}
    assert "d.diametre" not in {problem.link_id for problem in right.assessment.problems}


async def test_only_its_requester_saves_discards_and_restores(office: Office) -> None:
    draft, drafts = await begun(office), office.service.drafts
    with pytest.raises(RequestUnknown):
        await drafts.save(draft.number, replace(edit(office, {}), requester=office.claire.id))
    for act in (drafts.discard, drafts.restore):
        with pytest.raises(RequestUnknown):
            await act(draft.number, office.claire.id)
    with pytest.raises(StateForbids):
        await drafts.restore(draft.number, office.paul.id)


async def test_a_draft_thrown_away_comes_back_whole(office: Office, clock: MovableClock) -> None:
    drafts = office.service.drafts
    draft = await begun(office, {"c.patient.nom": ("FICTIF",), "c.question": ("Faut-il ?",)})
    clock.advance(timedelta(minutes=1))
    other = await begun(office, source="page-0002")
    lines = await drafts.list_(office.paul.id)
    assert [line.request.number for line in lines] == [other.number, draft.number]
    assert lines[1].patient == "FICTIF"
    assert 0 < lines[1].missing < lines[0].missing
    await drafts.discard(draft.number, office.paul.id)
    assert [line.request.number for line in await drafts.list_(office.paul.id)] == [other.number]
    with pytest.raises(StateForbids):
        await drafts.save(draft.number, edit(office, {"c.question": ("Trop tard ?",)}))
    assert (await drafts.restore(draft.number, office.paul.id)).state is State.DRAFT
    assert (await answers_of(office, draft.number))["c.question"] == ("Faut-il ?",)


async def test_a_request_that_was_sent_is_no_draft(office: Office) -> None:
    await office.deliver(office.letter())
    number = (await office.request()).number
    for act in (office.service.drafts.discard, office.service.drafts.restore, office.service.drafts.get):
        with pytest.raises(StateForbids):
            await act(number, office.paul.id)
    [known] = await office.service.drafts.list_patients(office.paul.id)
    assert (known.number, known.patient.birth_family_name) == (number, "FICTIF")
    assert await office.service.drafts.list_patients(office.claire.id) == []


async def test_a_draft_on_an_older_or_a_withdrawn_form(office: Office, tmp_path: Path) -> None:
    draft = await begun(office, {"c.question": ("Faut-il ?",)})
    with as_file(files("forms")) as folder:
        shutil.copytree(folder, tmp_path / "forms", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    latest = office.service.registry.latest("dermatologie")
    path = tmp_path / "forms" / "dermatologie" / f"{latest.version}.json"
    text = path.read_text(encoding="utf-8").replace(f'"version": "{latest.version}"', '"version": "9.0.0"')
    newer = text.replace('"linkId": "d.debut"', '"linkId": "d.commence"')
    (path.parent / "9.0.0.json").write_text(newer, encoding="utf-8")
    registry = FormRegistry.load(tmp_path / "forms")
    form = registry.published("dermatologie")
    assert form.version.startswith("9.0.0")
    content = (await office.service.reading.view(draft.number, office.paul.id)).seen
    assert content is not None
    looked = office.service.drafts.look(content.content, form, registry.find(draft.canonical))
    assert looked.response is not None
    assert looked.response.questionnaire == form.canonical
    assert looked.response.first("c.question") == "Faut-il ?"
    assert "d.commence" in {problem.link_id for problem in looked.problems}


async def test_a_draft_of_a_withdrawn_specialty_is_kept_and_says_so(office: Office) -> None:
    await office.deliver(office.letter(text=(HEADER + ANSWERS + END).replace("d.debut : 1-6 mois\n", "")))
    draft = await office.request()
    registry = office.service.registry
    withdrawn = replace(registry.latest("dermatologie"), version="9.0.0", status=FormStatus.RETIRED)
    parts = replace(office.service.parts, registry=FormRegistry((*registry.forms, withdrawn)))
    form, now = registry.get(draft.canonical), office.house.clock.now()
    last = Arrived(form=form, answers={"d.debut": (Coding("1-6mois"),)}, answered_at={"d.debut": now}, merges=True)
    sent = Submission(
        source="page-0009", key="page-0009", digest=bytes(32), requester=office.paul, arrived=last, draft=draft.id,
        tells_by_mail=False,
    )  # fmt: skip
    taken = await Intake(parts).take(sent)
    assert [problem.code for problem in taken.problems] == ["form_withdrawn"]
    assert taken.request.state is State.DRAFT
    assert (await answers_of(office, draft.number))["d.debut"] == (Coding("1-6mois"),)


async def test_a_complete_page_that_meets_an_autosave_is_sent_with_both(office: Office) -> None:
    draft, drafts = await begun(office), office.service.drafts
    form, now = office.service.registry.published("dermatologie"), office.house.clock.now()
    pages = [
        Submission(
            source=f"page-100{n}", key=f"page-100{n}", digest=bytes([n] * 32), requester=office.paul, draft=draft.id,
            arrived=Arrived(form=form, answers={name: ("x",)}, answered_at={name: now}, merges=True),
            tells_by_mail=False,
        )
        for n, name in enumerate(("c.question", "c.hypothese", "c.ttt"))
    ]  # fmt: skip
    saving = drafts.save(draft.number, edit(office, {"c.opposition": ("x",)}))
    await asyncio.gather(saving, *map(office.service.intake.take, pages))
    assert (await answers_of(office, draft.number)).keys() >= {"c.question", "c.hypothese", "c.ttt", "c.opposition"}
