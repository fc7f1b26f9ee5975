"""What the page of a request shows of its life besides question and answer.  Values for `_life.html`.

Who may do what follows from the reader and the state; the services check it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from miss.base.ids import PractitionerId
from miss.base.text import Language
from teleexpertise.appointments.model import CONTACT_CHARS, MOST_SLOTS, is_allowed
from teleexpertise.appointments.service import WHILE, Proposal
from teleexpertise.availability.places import Clocks, place_of
from teleexpertise.questionnaire.model import Answers, AttachmentRef, Questionnaire
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.questionnaire.values import show
from teleexpertise.requests.afterwards import AfterQuestion, may_ask_after
from teleexpertise.requests.clarification import answers_before, find_question
from teleexpertise.requests.content import Note, response_of_note
from teleexpertise.requests.model import TOLD, State
from teleexpertise.requests.moves import may_call_off, may_reopen
from teleexpertise.requests.reading import Reader, Seen, View
from teleexpertise.second_reading.model import QUESTION_CHARS, ReadingState
from teleexpertise.second_reading.service import Opinion
from teleexpertise.web.desk import Desk
from teleexpertise.web.shown import Block, show_response

UNDER_WAY = (State.IN_PROGRESS, State.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Change:
    """One item before and after a clarification."""

    label: str
    before: tuple[str, ...]
    files_before: tuple[AttachmentRef, ...]
    after: tuple[str, ...]
    files_after: tuple[AttachmentRef, ...]


@dataclass(frozen=True, slots=True)
class Reread:
    """A second reading, for the expert who answers."""

    opinion: Opinion
    reader: str


@dataclass(frozen=True, slots=True)
class Annulled:
    """An answer that another one took the place of."""

    version: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything that `_life.html` shows."""

    may_call_off: bool = False
    may_reopen: bool = False
    may_ask_after: bool = False
    waiting: AfterQuestion | None = None
    """What the requester asked after the answer."""
    question: Note | None = None
    """What the expert waits for."""
    may_correct: bool = False
    may_ask_reading: bool = False
    is_being_read: bool = False
    may_propose: bool = False
    rereads: tuple[Reread, ...] = ()
    disclosed: tuple[str, ...] = ()
    """For the requester: one entry for each opinion given, empty where the reader's name is not to be known."""
    proposals: tuple[Proposal, ...] = ()
    clocks: Clocks | None = None
    """The reader's, then the other side's."""
    place: str = ""
    """Where the reader's clock is."""
    annulled: tuple[Annulled, ...] = ()
    question_chars: int = QUESTION_CHARS
    contact_chars: int = CONTACT_CHARS
    slot_ranks: range = range(1, MOST_SLOTS + 1)


async def life_of(desk: Desk, view: View, language: Language) -> dict[str, Any]:
    """`life`, and `changes` for each note that answers items."""
    life = await _life(desk, view, language)
    seen = view.seen
    changes = list_changes(seen, language) if seen is not None else [()]
    return {"life": life, "changes": changes}


def list_changes(seen: Seen, language: Language) -> list[tuple[Change, ...]]:
    """For each note, what it changes; nothing for free words."""
    sent: Answers = seen.response.answers if seen.response else {}
    found: list[tuple[Change, ...]] = []
    for rank, note in enumerate(seen.notes):
        response = response_of_note(note)
        if response is None or seen.form is None:
            found.append(())
            continue
        before = answers_before(sent, seen.notes[:rank])
        found.append(
            tuple(_change(seen.form, link_id, before, response.answers, language) for link_id in response.answers)
        )
    return found


async def _life(desk: Desk, view: View, language: Language) -> Life:
    request, now = view.request, desk.service.parts.clock.now()
    if view.reader is Reader.COORDINATOR:
        live = [one for one in await desk.service.second_readings.list_opinions(request.id) if _is_asked(one)]
        return Life(may_ask_reading=request.state in UNDER_WAY and not live, is_being_read=bool(live))
    proposals = tuple(await desk.service.appointments.list_proposals(request.id))
    annulled = await _annulled(desk, view, language)
    expert = view.request.holder or (proposals[-1].appointment.proposed_by if proposals else view.request.requester)
    clocks = await desk.service.appointments.clocks_of(view.request, expert)
    if view.reader is Reader.REQUESTER:
        question = find_question(view.seen.notes, request.requester) if view.seen else None
        return Life(
            may_call_off=may_call_off(request, now),
            may_reopen=may_reopen(request, now),
            may_ask_after=may_ask_after(request, now),
            waiting=await desk.service.afterwards.find_open(request.id),
            question=question if request.state is State.ON_HOLD or may_reopen(request, now) else None,
            disclosed=tuple(await desk.service.second_readings.list_disclosed(request.id))
            if request.state in TOLD
            else (),
            proposals=proposals,
            clocks=clocks,
            annulled=annulled,
        )
    opinions = await desk.service.second_readings.list_opinions(request.id)
    return Life(
        may_correct=request.state in TOLD,
        waiting=await desk.service.afterwards.find_open(request.id),
        may_ask_reading=request.state in UNDER_WAY and not any(map(_is_asked, opinions)),
        is_being_read=any(map(_is_asked, opinions)),
        may_propose=request.state in WHILE and is_allowed(view.seen.response if view.seen else None),
        rereads=await _rereads(desk, opinions),
        proposals=proposals,
        clocks=clocks.turned,
        place=place_of(clocks.other, language),
        annulled=annulled,
    )


async def _rereads(desk: Desk, opinions: Sequence[Opinion]) -> tuple[Reread, ...]:
    readers: set[PractitionerId] = {one.reading.reader for one in opinions}
    people = await desk.service.parts.practitioners.get_many(readers)
    return tuple(
        Reread(one, people[one.reading.reader].display_name if one.reading.reader in people else "") for one in opinions
    )


async def _annulled(desk: Desk, view: View, language: Language) -> tuple[Annulled, ...]:
    if view.request.state not in TOLD or view.seen is None or view.seen.answer_form is None:
        return ()
    form = view.seen.answer_form
    earlier = await desk.service.corrections.list_annulled(view.request.id)
    return tuple(
        Annulled(one.version, tuple(map(_in_words, show_response(form, parse_response(one.response), language))))
        for one in earlier
    )


def _in_words(block: Block) -> Block:
    """Files of an annulled answer are named, not shown: nobody should prescribe from them."""
    rows = tuple(replace(row, words=(*row.words, *(file.name for file in row.files)), files=()) for row in block.rows)
    return replace(block, rows=rows)


def _is_asked(opinion: Opinion) -> bool:
    return opinion.reading.state is ReadingState.ASKED


def _change(form: Questionnaire, link_id: str, before: Answers, after: Answers, language: Language) -> Change:
    item = form.find_item(link_id)

    def split(answers: Answers) -> tuple[tuple[str, ...], tuple[AttachmentRef, ...]]:
        values = answers.get(link_id, ())
        files = tuple(value for value in values if isinstance(value, AttachmentRef))
        told = (value for value in values if not isinstance(value, AttachmentRef))
        return tuple(show(item, value, language) if item else str(value) for value in told), files

    label = (item.label.in_(language) or item.label.fr) if item else link_id
    return Change(label, *split(before), *split(after))
