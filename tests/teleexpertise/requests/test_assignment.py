"""Whom a request is not offered to: those who have blocked the requester or are blocked by them, and the absent.

The office works on Friday 20 November 2026; Anne and Karim are its experts.
"""

from datetime import date, timedelta

import pytest

from miss.directory.accounts import Account
from miss.directory.blocking import BlockReason
from miss.directory.practitioners import Practitioner
from miss.directory.preferences import NotificationLevel
from teleexpertise.requests.model import State
from teleexpertise.roles import wake_pools
from tests.teleexpertise.office import Office, text_of

TODAY = date(2026, 11, 20)


async def open_account(office: Office, person: Practitioner) -> Account:
    account = await office.house.accounts.open(person.id, by="test")
    return await office.house.accounts.verify(account.uid, "test")


async def block(office: Office, by: Practitioner, whom: str) -> None:
    account = await office.house.accounts.find_by_practitioner(by.id) or await open_account(office, by)
    await office.house.own.blocking.block(account, whom, BlockReason.OTHER)


@pytest.mark.parametrize("by_address", [False, True])
async def test_an_expert_who_has_blocked_the_requester_is_not_asked(office: Office, by_address: bool) -> None:
    await block(office, office.anne, office.paul.mailboxes[0] if by_address else office.paul.rpps or "")
    for number in range(1, 4):
        await office.deliver(office.letter(number))
    assert {request.holder for request in await office.requests()} == {office.karim.id}


async def test_an_expert_whom_the_requester_has_blocked_is_not_asked(office: Office) -> None:
    await block(office, office.paul, office.karim.rpps or "")
    for number in range(1, 4):
        await office.deliver(office.letter(number))
    assert {request.holder for request in await office.requests()} == {office.anne.id}


async def test_if_nobody_is_left_the_request_is_kept_and_the_coordinator_told(office: Office) -> None:
    for expert in (office.anne, office.karim):
        await block(office, expert, office.paul.rpps or "")
    await office.deliver(office.letter())
    assert (await office.request()).state is State.READY
    [told] = office.mails_to(office.marc)
    assert "n’avancera pas sans vous" in text_of(told)
    # Colleagues are counted, and who has blocked whom is said to nobody.
    assert not any("bloqu" in text_of(mail) for mail in office.mails())


async def test_what_is_under_way_goes_to_its_end(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    expert = office.expert(request)
    await block(office, expert, office.paul.rpps or "")
    await office.service.requests.accept(request.id, expert.id)
    assert (await office.request()).state is State.IN_PROGRESS


async def test_who_is_away_is_not_asked_until_they_take_it_back(office: Office) -> None:
    own = office.house.own
    own.absences.add_listener(lambda who: wake_pools(office.service, who))
    kept = {}
    for expert in (office.anne, office.karim):
        account = await open_account(office, expert)
        absence = await own.absences.add(account, TODAY, TODAY + timedelta(days=30), "", "", today=TODAY)
        kept[expert.id] = account, absence
    await office.deliver(office.letter())
    assert (await office.request()).state is State.READY
    account, absence = kept[office.karim.id]
    await own.absences.remove(account, absence.id)
    await office.run_jobs()
    assert (await office.request()).holder == office.karim.id


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (NotificationLevel.FULL, ["Une demande d’avis vous est proposée"]),
        (NotificationLevel.DISCREET, ["Du nouveau vous attend"]),
        (NotificationLevel.NONE, []),
    ],
)
async def test_an_offer_says_as_much_as_the_expert_lets_it(
    office: Office, level: NotificationLevel, said: list[str]
) -> None:
    for expert in (office.anne, office.karim):
        account = await open_account(office, expert)
        await office.house.own.preferences.choose_level(account.uid, level)
    await office.deliver(office.letter())
    request = await office.request()
    mails = office.mails_to(office.expert(request))
    assert len(mails) == len(said)
    for mail, words in zip(mails, said, strict=True):
        assert words in text_of(mail)
        is_told = level is NotificationLevel.FULL
        assert (request.number in f"{mail['Subject']} {text_of(mail)}") is is_told
    # The requester's acknowledgement answers their own mail.
    assert request.number in text_of(office.mails_to(office.paul)[0])
