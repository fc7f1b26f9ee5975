"""Both sides of a request for advice at their desks, over the real tele-expertise API."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from clients.desktop.policy import Policy
from clients.desktop.state.cases import Handed
from clients.desktop.sync.calls.cases import ROOT
from clients.desktop.sync.ways import Letter
from miss.base.clock import MovableClock
from miss.directory.accounts import ActivationPurpose
from miss.directory.practitioners import Practitioner
from miss.directory.signer import load_or_create_signer
from tests.clients.desktop.desk import Desk
from tests.miss.documents.hprim.readers import READERS
from tests.teleexpertise.api.test_life import _answer_to, answered
from tests.teleexpertise.api.test_operations import assigned
from tests.teleexpertise.web.conftest import Site, site

__all__ = ["site"]

pytestmark = pytest.mark.desktop


async def letter(site: Site, person: Practitioner) -> Letter:
    house = site.office.house
    account = await house.accounts.open(person.id, by="test")
    await house.accounts.verify(account.uid, "test")
    issued = await house.accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "test")
    signer = load_or_create_signer(house.settings.operator_keys, house.clock, house.random_bytes)
    return Letter(site.url, person.rpps or "", issued.code, signer.root_fingerprint)


async def test_from_the_offer_to_the_practice(
    site: Site, desks: Callable[..., Desk], clock: MovableClock, tmp_path: Path
) -> None:
    number = await assigned(site)
    holder, folder = site.office.expert(await site.office.request()), tmp_path / "hprim"
    folder.mkdir()
    expert = desks("expert", clock=clock)
    await expert.enrol(await letter(site, holder))
    await expert.ask(lambda account: account.read_cases())
    assert [(one.number, one.state) for one in expert.state.cases.to_answer] == [(number, "assigned")]
    assert expert.state.cases.asked == ()

    requester = desks("requester", clock=clock, policy=Policy(report_folder=str(folder)))
    await requester.enrol(await letter(site, site.office.paul))
    await requester.ask(lambda account: account.read_cases())
    [waiting] = requester.state.cases.asked
    assert (waiting.number, waiting.is_answered, waiting.handed) == (number, False, Handed.NOWHERE)
    assert list(folder.iterdir()) == []

    token = await expert.ask(lambda account: account.client.http_token())
    async with httpx.AsyncClient(
        base_url=site.url, headers={"Authorization": f"Bearer {token}"}, timeout=60
    ) as program:
        await answered(program, number)
    # Nobody asks: the server says that it has moved.
    await requester.until(lambda: requester.state.cases.asked[0].handed is Handed.WRITTEN)
    [done] = requester.state.cases.asked
    assert (done.is_answered, done.handed) == (True, Handed.WRITTEN)
    [file] = folder.iterdir()
    assert file.name == f"{number}.1.hpr"
    for name, accepts in READERS.items():
        assert accepts(file.read_bytes()), name

    file.unlink()  # the practice's software has read it
    for _again in range(2):
        await requester.ask(lambda account: account.read_cases())
        assert requester.state.cases.asked[0].handed is Handed.TAKEN
        assert list(folder.iterdir()) == []
    await requester.ask(lambda account: account.hand_over_again(number))
    assert list(folder.iterdir()) == [], "the same version is not written twice"

    # The expert corrects: the next time the account is opened, the practice's software gets that version
    async with httpx.AsyncClient(
        base_url=site.url, headers={"Authorization": f"Bearer {token}"}, timeout=60
    ) as program:
        correction = f"{ROOT}/requests/{number}/correction"
        response = (await program.get(correction)).json()["response"]
        _answer_to(response, "r.conduite")["valueString"] = "Exérèse."
        assert (await program.put(correction, json={"response": response})).json()["faults"] == []
        assert (await program.post(f"{correction}/send")).is_success
    await requester.ask(lambda account: account.read_cases())
    assert list(folder.iterdir()) == [], "no list says that an answer was corrected"
    await requester.close_account()
    await requester.open("EXEMPLE")
    await requester.until(lambda: requester.state.cases.asked[0].handed is Handed.WRITTEN)
    [file] = folder.iterdir()
    assert file.name == f"{number}.2.hpr"
    assert "Exérèse." in file.read_bytes().decode("iso-8859-1")
