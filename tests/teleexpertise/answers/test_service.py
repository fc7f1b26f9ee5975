"""The answer before it leaves: whose it is, what it lacks, where its decision sends the request."""

import io
from email import message_from_bytes

import pytest
from PIL import Image, ImageStat
from pypdf import PdfReader

from miss.base.random import system_random
from miss.directory.establishments.branding import Brandings
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.mail.addresses import parse_mailbox
from teleexpertise.answers.service import REASONS, DecisionCode, Written
from teleexpertise.attachments.service import IncomingFile
from teleexpertise.letters.parties import place_of
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.requests.errors import AnswerIncomplete, NotHolder, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, State
from tests.teleexpertise.office import Office, photo, text_of

QUALITY: Answers = {"r.qualite": (Coding("suffisante"),)}
REFUSAL: Answers = {**QUALITY, "r.decision": (Coding("refus"),), "r.motif": (Coding("lien"),)}
REORIENTATION: Answers = {**QUALITY, "r.decision": (Coding("reorientation"),), "r.motif": (Coding("presentiel"),)}
ADVICE: Answers = {
    **QUALITY,
    "r.decision": (Coding("avis"),),
    "r.diagnostic": ("Eczéma (L30)",),
    "r.certitude": (Coding("certain"),),
    "r.conduite": ("Dermocorticoïde.",),
    "r.orientation": (Coding("aucune"),),
    "r.cotation": (Coding("te2"),),
}


async def held(office: Office) -> tuple[ExpertiseRequest, str]:
    """A request in its holder's hands."""
    await office.deliver(office.letter())
    request = await office.request()
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)
    return request, request.holder


async def save(office: Office, request: ExpertiseRequest, answers: Answers, *files: IncomingFile) -> None:
    assert request.holder is not None
    prepared = await office.service.answering.save(
        request.id, request.holder, Written(source="page-0001", answers=answers, answered_at={}, files=files)
    )
    assert prepared.problems == ()


async def test_only_the_holder_prepares_previews_and_sends(office: Office) -> None:
    request, _ = await held(office)
    await save(office, request, ADVICE)
    other = office.karim if office.expert(request) is office.anne else office.anne
    answering = office.service.answering
    for person in (other, office.paul, office.marc):
        for act in (answering.open, answering.preview, answering.send):
            with pytest.raises(NotHolder):
                await act(request.id, person.id)


async def test_an_offer_is_accepted_before_it_is_answered(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    assert request.holder is not None
    with pytest.raises(StateForbids):
        await office.service.answering.open(request.id, request.holder)


async def test_an_incomplete_answer_is_kept_and_cannot_be_sent(office: Office) -> None:
    request, _ = await held(office)
    assert request.holder is not None
    partial = {key: value for key, value in ADVICE.items() if key != "r.conduite"}
    prepared = await office.service.answering.save(
        request.id, request.holder, Written(source="page-0001", answers=partial, answered_at={})
    )
    assert [problem.link_id for problem in prepared.problems] == ["r.conduite"]
    with pytest.raises(AnswerIncomplete):
        await office.service.answering.send(request.id, request.holder)
    opened = await office.service.answering.open(request.id, request.holder)
    assert opened.response.first("r.diagnostic") == "Eczéma (L30)"


async def test_a_refusal_gives_the_request_to_the_next_expert_and_drops_the_draft(office: Office) -> None:
    request, _ = await held(office)
    assert request.holder is not None
    await save(office, request, REFUSAL)
    await office.service.answering.send(request.id, request.holder)
    again = await office.request()
    assert again.state is State.ASSIGNED
    assert again.holder not in {None, request.holder}
    assert again.holder is not None
    await office.service.requests.accept(again.id, again.holder)
    opened = await office.service.answering.open(again.id, again.holder)
    assert opened.response.answers == {}, "one expert's draft is not shown to another"


async def test_a_reorientation_ends_the_request_with_a_letter(office: Office) -> None:
    request, _ = await held(office)
    assert request.holder is not None
    await save(office, request, REORIENTATION)
    await office.service.answering.send(request.id, request.holder)
    await office.run_jobs()
    assert (await office.request()).state is State.ANSWERED
    letter = text_of(office.mails_to(office.paul)[-1])
    assert "Décision : Réorientation" in letter
    assert "Votre décision" not in letter, "the reader of the record has decided nothing"


async def test_a_prescription_is_sent_along(office: Office) -> None:
    request, _ = await held(office)
    assert request.holder is not None
    scan = IncomingFile("ordonnance.jpg", "image/jpeg", photo(), "r.prescription")
    await save(office, request, ADVICE, scan)
    await office.service.answering.send(request.id, request.holder)
    await office.run_jobs()
    answer = office.mails_to(office.paul)[-1]
    names = [part.get_filename() for part in answer.iter_attachments()]
    document = f"20261120_CR-de-telemedecine_FICTIF_BASTIEN_{request.number}.pdf"
    assert names == ["IHE_XDM.ZIP", document, "ordonnance.jpg"]


async def test_an_answer_under_way_is_the_expert_s_own(office: Office) -> None:
    request, _ = await held(office)
    scan = IncomingFile("ordonnance.jpg", "image/jpeg", photo(), "r.prescription")
    await save(office, request, ADVICE, scan)
    view = await office.service.reading.view(request.number, office.paul.id)
    assert view.seen is not None
    assert view.seen.answer is None
    assert "ordonnance.jpg" not in [file.name for file in view.seen.files]


def test_every_choice_of_the_form_has_its_way(office: Office) -> None:
    form = office.service.registry.answer_form(office.service.registry.published("dermatologie").canonical)
    assert {option.value.code for option in form.item("r.decision").options} == {*DecisionCode}
    assert {option.value.code for option in form.item("r.motif").options} == REASONS.keys()


async def test_the_answer_looks_like_the_expert_s_establishment(office: Office) -> None:
    request, _ = await held(office)
    assert request.holder is not None
    house = office.house
    place = place_of(await house.practitioners.get(request.holder))
    assert place is not None
    establishments = Establishments(house.db, house.clock, system_random)
    await establishments.open(Establishment(id=place.id, name=place.name, kind=EstablishmentKind.HOSPITAL), "test")
    logo = io.BytesIO()
    Image.new("RGB", (120, 40), (122, 31, 92)).save(logo, "PNG")
    await Brandings(house.db, house.clock).put(place.id, "#7a1f5c", "CH du Nord", logo.getvalue(), "test")
    await save(office, request, ADVICE)
    await office.service.answering.send(request.id, request.holder)
    await office.run_jobs()
    answer = office.mails_to(office.paul)[-1]
    # Python 3.11 puts a space between encoded words: what was sent is read by our own reader.
    [path] = [path for path in office.spool.glob("*.eml") if answer["Message-ID"].encode() in path.read_bytes()]
    [sender] = [value for name, value in message_from_bytes(path.read_bytes()).raw_items() if name == "From"]
    assert parse_mailbox(" ".join(sender.split())).display_name.endswith(" - CH du Nord, Téléexpertise MiSS")
    printed = list(answer.iter_attachments())[1].get_payload(decode=True)
    assert isinstance(printed, bytes)
    page = PdfReader(io.BytesIO(printed)).pages[0]
    colours = [ImageStat.Stat(shown.image.convert("RGB")).mean for shown in page.images if shown.image]
    wanted = (122, 31, 92)
    assert any(max(abs(one - other) for one, other in zip(mean, wanted, strict=True)) < 8 for mean in colours)
    content = page.get_contents()
    assert content is not None
    assert b"0.4784 0.1216 0.3608 rg" in content.get_data(), "the colour is a band"
    assert place.name in page.extract_text()
