"""The one way in, asked directly: pages and mails bring the same submissions."""

import asyncio
from dataclasses import replace

import pytest

from miss.base.ids import RequestId
from miss.mail.inbound.parse import parse_mail
from teleexpertise.attachments.service import MAX_FILES, IncomingFile
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.mail_reading import read_mail
from teleexpertise.intake.service import Submission
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.requests.errors import DraftMoved, RequestUnknown
from teleexpertise.requests.model import State
from tests.teleexpertise.office import Office, photo

PHOTOS = (
    IncomingFile("vue.jpg", "image/jpeg", photo(), "d.photo.large"),
    IncomingFile("pres.jpg", "image/jpeg", photo("sienna"), "d.photo.proche"),
)


def complete(office: Office) -> Answers:
    """The answers of a complete request, as its mail reads."""
    mail = parse_mail(office.letter().compose())
    return read_mail(mail, office.service.registry, None, office.house.clock.now()).answers


def submission(
    office: Office,
    source: str,
    answers: Answers,
    *files: IncomingFile,
    form: str = "dermatologie",
    draft: RequestId | None = None,
) -> Submission:
    """What a page sends."""
    return Submission(
        source=source,
        key=source,
        digest=source.encode().ljust(32, b"."),
        requester=office.paul,
        arrived=Arrived(form=office.service.registry.published(form), answers=answers, answered_at={}),
        files=files,
        draft=draft,
        tells_by_mail=False,
    )


async def test_a_page_with_a_refused_file_is_not_sent_a_mail_is(office: Office) -> None:
    bad = IncomingFile("abimee.jpg", "image/jpeg", photo()[:200], "c.piece")
    page = submission(office, "page-0001", complete(office), *PHOTOS, bad)
    taken = await office.service.intake.take(page)
    assert taken.request.state is State.DRAFT
    assert [file.name for file in taken.refused_files] == ["abimee.jpg"]
    assert taken.problems == ()
    mail = replace(page, source="mail-0002", key="mail-0002", tells_by_mail=True)
    assert (await office.service.intake.take(mail)).request.state is State.READY


async def test_two_completions_at_the_same_moment_lose_nothing(office: Office) -> None:
    begun = await office.service.intake.take(submission(office, "page-0001", {}))
    parts: list[Answers] = [{"d.type": (Coding("eruption"),)}, {"d.debut": (Coding("1-4sem"),)}]
    both = [submission(office, f"page-1{n}00", answers, draft=begun.request.id) for n, answers in enumerate(parts)]
    ended = await asyncio.gather(*map(office.service.intake.take, both), return_exceptions=True)
    late = [one for one, end in zip(both, ended, strict=True) if isinstance(end, DraftMoved)]
    assert len(late) == 1, "both began from the same draft: the second to write is told to try again"
    await office.service.intake.take(late[0])
    view = await office.service.reading.view(begun.request.number, office.paul.id)
    assert view.seen is not None
    assert view.seen.response is not None
    assert view.seen.response.first("d.type") == Coding("eruption")
    assert view.seen.response.first("d.debut") == Coding("1-4sem")


async def test_only_its_requester_completes_a_draft(office: Office) -> None:
    begun = await office.service.intake.take(submission(office, "page-0001", {}))
    theft = replace(submission(office, "page-0002", {}, draft=begun.request.id), requester=office.claire)
    with pytest.raises(RequestUnknown):
        await office.service.intake.take(theft)


async def test_a_form_without_a_pool_is_kept_and_says_so(office: Office) -> None:
    answers = {
        **{key: values for key, values in complete(office).items() if key.startswith("c.")},
        "o.alerte": (False,),
        "o.motif": (Coding("glaucome"),),
        "o.cote": (Coding("od"),),
    }
    form = office.service.registry.published("ophtalmologie")
    for item in form.questions():
        if item.required and item.link_id not in answers and not item.enable_when and item.options:
            answers[item.link_id] = (item.options[0].value,)
    taken = await office.service.intake.take(submission(office, "page-0001", answers, form="ophtalmologie"))
    assert taken.request.state is State.DRAFT
    assert [problem.code for problem in taken.problems] == ["no_pool"]


async def test_files_over_the_limit_are_named_and_the_others_kept(office: Office) -> None:
    many = [IncomingFile(f"n{n}.jpg", "image/jpeg", photo(size=(8, 8)), "c.piece") for n in range(MAX_FILES + 2)]
    taken = await office.service.intake.take(submission(office, "page-0001", {}, *many))
    assert [file.error.code for file in taken.refused_files] == ["too_many_attachments"]
    assert taken.refused_files[0].error.params["rank"] == MAX_FILES + 1
    view = await office.service.reading.view(taken.request.number, office.paul.id)
    assert view.seen is not None
    assert len(view.seen.files) == MAX_FILES
