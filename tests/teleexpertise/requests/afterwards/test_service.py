"""A word after the answer reaches who gave it, with a deadline, until they reply or correct."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from teleexpertise.answers.service import Written
from teleexpertise.requests.afterwards import ASK_WITHIN
from teleexpertise.requests.clarification import Word
from teleexpertise.requests.errors import NothingAskedAfter, NotHolder, ReplyMissing, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, FactKind, State
from tests.teleexpertise.follow_up.answering import ADVICE, answered
from tests.teleexpertise.office import Office, text_of
from tests.teleexpertise.requests.test_successors import leave


async def ask(office: Office, request: ExpertiseRequest, text: str = "Et le soleil ?") -> None:
    """What the page sends."""
    word = Word(source=office.service.parts.new_id(), author=office.paul.id, text=text)
    await office.service.requests.add(request.id, word)
    await office.run_jobs()


def holder_of(request: ExpertiseRequest) -> PractitionerId:
    assert request.holder is not None
    return request.holder


async def test_the_expert_is_asked_with_a_deadline_and_replies_beside_the_answer(
    office: Office, clock: MovableClock
) -> None:
    request, after = await answered(office), office.service.afterwards
    expert = holder_of(request)
    with pytest.raises(NothingAskedAfter):
        await after.reply(request.id, expert, "Rien à dire.")
    await ask(office, request)
    told = office.mails_to(office.expert(request))[-1]
    assert "question sur votre avis" in told["Subject"]
    assert "Et le soleil" not in text_of(told), "what is asked is read on the page"
    (waiting,) = await after.list_open(expert)
    assert (waiting.request.number, waiting.title.fr) == (request.number, "Dermatologie")
    assert clock.now() < waiting.question.due_at <= clock.now() + timedelta(days=5)
    clock.advance(timedelta(hours=3))
    await ask(office, request, "Et la piscine ?")
    assert (await after.list_open(expert))[0].question.due_at == waiting.question.due_at, "it does not move"

    for words in (" ", "x" * 5001):
        with pytest.raises(ReplyMissing):
            await after.reply(request.id, expert, words)
    with pytest.raises(NotHolder):
        await after.reply(request.id, office.marc.id, "Pas moi.")
    done = await after.reply(request.id, expert, "Écran total, pas de piscine.")
    await office.run_jobs()
    assert done.state is State.ANSWERED
    reply = office.mails_to(office.paul)[-1]
    assert "Écran total, pas de piscine." in text_of(reply)
    assert "L’avis rendu n’est pas modifié" in text_of(reply)
    assert await after.list_open(expert) == []
    view = await office.service.reading.view(request.number, office.paul.id)
    assert view.seen is not None
    assert view.seen.answer is not None, "the answer is there all the time"
    said = [note.text for note in view.seen.notes]
    assert said == ["Et le soleil ?", "Et la piscine ?", "Écran total, pas de piscine."]
    kinds = [fact.kind for fact in view.timeline][-3:]
    assert kinds == [FactKind.ASKED_AFTER, FactKind.ASKED_AFTER, FactKind.REPLIED_AFTER]
    before = len(office.mails())
    clock.advance(timedelta(days=20))
    await office.run_jobs()
    assert not [mail for mail in office.mails()[before:] if "sans réponse" in mail["Subject"]]


async def test_silence_is_told_to_the_expert_and_then_each_day_to_the_coordinator(
    office: Office, clock: MovableClock
) -> None:
    request = await answered(office)
    await ask(office, request)
    (waiting,) = await office.service.afterwards.list_open(holder_of(request))

    def late(who: str) -> int:
        person = office.marc if who == "marc" else office.expert(request)
        return len([mail for mail in office.mails_to(person) if "question sans réponse" in mail["Subject"]])

    clock.advance_to(waiting.question.due_at - timedelta(minutes=1))
    await office.run_jobs()
    assert (late("expert"), late("marc")) == (0, 0)
    clock.advance(timedelta(minutes=2))
    await office.run_jobs()
    assert (late("expert"), late("marc")) == (1, 1)
    clock.advance(timedelta(days=1))
    await office.run_jobs()
    assert (late("expert"), late("marc")) == (1, 2)
    assert await office.dead_jobs() == []


async def test_a_correction_is_a_reply_too(office: Office) -> None:
    request = await answered(office)
    expert, corrections = holder_of(request), office.service.corrections
    await ask(office, request)
    changed = {**ADVICE, "r.conduite": ("Dermocorticoïde, écran total.",)}
    await corrections.save(request.id, expert, Written(source="correction-1", answers=changed, answered_at={}))
    await corrections.send(request.id, expert)
    assert await office.service.afterwards.list_open(expert) == []


async def test_after_thirty_days_it_is_another_request(office: Office, clock: MovableClock) -> None:
    request = await answered(office)
    clock.advance(ASK_WITHIN - timedelta(minutes=1))
    await ask(office, request)
    clock.advance(timedelta(minutes=2))
    with pytest.raises(StateForbids):
        await ask(office, request)
    with pytest.raises(NotHolder):
        await office.service.afterwards.reply(request.id, office.paul.id, "Moi non plus.")
    await office.service.afterwards.reply(request.id, holder_of(request), "Oui.")


async def test_a_successor_who_answers_the_mail_speaks_for_who_left(office: Office) -> None:
    request = await answered(office)
    successor = office.karim if request.holder == office.anne.id else office.anne
    advised = office.mails_to(office.paul)[-1]
    await leave(office, office.paul, successor)
    letter = office.letter(
        2, sender=successor.mailboxes[0], in_reply_to=advised["Message-ID"], text="Faut-il poursuivre ?", files=()
    )
    await office.deliver(letter)
    (waiting,) = await office.service.afterwards.list_open(holder_of(request))
    assert waiting.request.number == request.number
    view = await office.service.reading.view(request.number, holder_of(request))
    assert view.timeline[-1].kind is FactKind.ASKED_AFTER
    assert (view.timeline[-1].actor, view.timeline[-1].through) == (office.paul.id, successor.id)
    assert len(await office.requests()) == 1
    await office.service.afterwards.reply(request.id, holder_of(request), "Oui, un mois.")
    await office.run_jobs()
    assert "Oui, un mois." in text_of(office.mails_to(successor)[-1])
