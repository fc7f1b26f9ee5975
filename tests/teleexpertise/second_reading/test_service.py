"""Asked, read blinded, given: by a colleague who is neither the first expert nor named to the requester."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from teleexpertise.dispatch import Terms
from teleexpertise.requests.errors import NotHolder, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, FactKind
from teleexpertise.requests.reading import Reader
from teleexpertise.second_reading.errors import (
    NoSecondReader,
    SecondReadingOver,
    SecondReadingUnderWay,
    SecondReadingUnknown,
    WordsMissing,
)
from teleexpertise.second_reading.model import ReadingState
from tests.teleexpertise.answers.test_service import ADVICE, save
from tests.teleexpertise.office import ANSWERS, END, HEADER, Office, text_of

QUESTION = "Nævus de M. Fictif (Bastien) : d’accord pour surveiller ?"


async def held(office: Office, *, extra: bool = False) -> ExpertiseRequest:
    """A request in Anne's or Karim's hands, whose free text names its patient."""
    if extra:
        await office.service.dispatch.put_member(office.pool.id, office.claire.id)
    words = ANSWERS.replace("Faut-il retirer", "M. FICTIF Bastien, né le 14/07/1985, suivi par le Dr Exemple : retirer")
    await office.deliver(office.letter(text=HEADER + words + END))
    request = await office.request()
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)
    return await office.request()


async def test_a_colleague_reads_a_blinded_copy_and_the_expert_reads_the_opinion(office: Office) -> None:
    request = await held(office)
    readings, holder = office.service.second_readings, request.holder
    assert holder is not None
    reading = await readings.ask(request.id, holder, QUESTION)
    await office.run_jobs()
    second = office.karim if holder == office.anne.id else office.anne
    assert reading.reader == second.id
    told = office.mails_to(second)[-1]
    assert "seconde lecture" in told["Subject"]
    assert "FICTIF" not in text_of(told)
    assert "EXEMPLE" not in text_of(told)

    copy = await readings.read(reading.id, second.id)
    shown = f"{copy.question.text} {copy.free_text} {copy.blinded.response.answers}".upper()
    for word in ("FICTIF", "BASTIEN", "EXEMPLE", "14/07/1985", "185075918304224"):
        assert word not in shown
    assert "RETIRER CETTE LÉSION" in shown
    assert len(copy.blinded.photos) == 2
    picture = await readings.photo(reading.id, second.id, 1)
    assert picture.startswith(b"\xff\xd8")
    assert b"Exif" not in picture
    for stranger in (office.paul, office.marc, office.expert(request)):
        with pytest.raises(SecondReadingUnknown):
            await readings.read(reading.id, stranger.id)
    with pytest.raises(SecondReadingUnknown):
        await readings.photo(reading.id, second.id, 3)
    facts = [one.fact async for one in office.house.audit.read_all() if one.fact is not None]
    looks = [fact.act for fact in facts if "second_reading" in fact.act]
    assert sorted(looks) == ["request.second_reading", "request.second_reading_photo"]

    await readings.give(reading.id, second.id, "D’accord, à revoir à trois mois.")
    await office.run_jobs()
    assert "seconde lecture rendue" in office.mails_to(office.expert(request))[-1]["Subject"]
    [opinion] = await readings.list_opinions(request.id)
    assert opinion.opinion is not None
    assert opinion.opinion.text == "D’accord, à revoir à trois mois."
    assert await readings.list_disclosed(request.id) == [""]
    view = await office.service.reading.view(request.number, office.paul.id)
    assert view.reader is Reader.REQUESTER
    given = [fact for fact in view.timeline if fact.kind is FactKind.SECOND_READING_GIVEN]
    assert [fact.actor for fact in given] == [None]
    with pytest.raises(SecondReadingOver):
        await readings.read(reading.id, second.id)


async def test_the_requester_knows_the_reader_who_wants_to_be_known(office: Office) -> None:
    request = await held(office)
    readings = office.service.second_readings
    reading = await readings.ask(request.id, office.marc.id, "Qu’en dites-vous ?")
    await readings.give(reading.id, reading.reader, "Rien à ajouter.", discloses_name=True)
    second = office.karim if request.holder == office.anne.id else office.anne
    assert await readings.list_disclosed(request.id) == [second.display_name]


async def test_who_declines_or_lets_it_pass_is_followed_by_the_next_until_there_is_nobody(
    office: Office, clock: MovableClock
) -> None:
    request = await held(office, extra=True)
    readings, holder = office.service.second_readings, request.holder
    assert holder is not None
    first = await readings.ask(request.id, holder, QUESTION)
    second = await readings.decline(first.id, first.reader)
    assert second.reader not in {holder, first.reader}
    with pytest.raises(SecondReadingUnknown):
        await readings.give(first.id, first.reader, "Trop tard.")
    clock.advance_to(second.expires_at + timedelta(seconds=1))
    await office.run_jobs()
    assert "seconde lecture impossible" in [mail["Subject"] for mail in office.mails_to(office.expert(request))][-1]
    [opinion] = await readings.list_opinions(request.id)
    assert opinion.reading.state is ReadingState.NOBODY
    assert await office.dead_jobs() == []


async def test_the_answer_ends_what_was_not_read(office: Office) -> None:
    request = await held(office)
    readings, holder = office.service.second_readings, request.holder
    assert holder is not None
    reading = await readings.ask(request.id, holder, QUESTION)
    with pytest.raises(SecondReadingUnderWay):
        await readings.ask(request.id, office.marc.id, QUESTION)
    await save(office, request, ADVICE)
    await office.service.answering.send(request.id, holder)
    await office.run_jobs()
    with pytest.raises(SecondReadingOver):
        await readings.give(reading.id, reading.reader, "Trop tard.")
    second = office.karim if holder == office.anne.id else office.anne
    assert "sans objet" in office.mails_to(second)[-1]["Subject"]
    with pytest.raises(StateForbids):
        await readings.ask(request.id, holder, QUESTION)


async def test_who_may_ask_and_what(office: Office) -> None:
    request = await held(office)
    readings, holder = office.service.second_readings, request.holder
    assert holder is not None
    other = office.karim if holder == office.anne.id else office.anne
    for person in (office.paul, other):
        with pytest.raises(NotHolder):
            await readings.ask(request.id, person.id, QUESTION)
    for words in (" ", "x" * 501):
        with pytest.raises(WordsMissing):
            await readings.ask(request.id, holder, words)
    await office.service.dispatch.put_member(office.pool.id, other.id, Terms(active=False))
    with pytest.raises(NoSecondReader):
        await readings.ask(request.id, holder, QUESTION)
