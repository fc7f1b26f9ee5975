"""The JSON API on a real server: an expert's way through, who may see what, ETags, events, and schemathesis."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from miss.base.clock import MovableClock, to_ms
from miss.client import Store, key_from_file, link_device
from miss.directory.accounts import ActivationPurpose
from miss.directory.practitioners import Practitioner
from miss.directory.signer import load_or_create_signer
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.primitives import hash_
from miss.protocol.session.limits import Rate
from miss.server.house import House
from teleexpertise.api.callers import RATE
from teleexpertise.api.operations import ROOT
from teleexpertise.requests.model import State
from tests.conditions import WAIT_S
from tests.teleexpertise.web.conftest import Site

PROBLEM = "application/problem+json"


async def assigned(site: Site) -> str:
    """The number of a request that was offered to somebody."""
    await site.office.deliver(site.office.letter())
    return (await site.office.request()).number


async def ask(http: httpx.AsyncClient, path: str, **headers: str) -> Any:
    answer = await http.get(f"{ROOT}{path}", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    return answer.json()


async def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == PROBLEM, answer.text
    assert answer.json()["title"]
    return answer.status_code, answer.json()["code"]


def advice(questionnaire: dict[str, Any], decision: str = "avis") -> dict[str, Any]:
    """A whole answer, as the desktop client fills it in."""
    said: dict[str, dict[str, Any]] = {
        "r.decision": {"valueCoding": {"code": decision}},
        "r.diagnostic": {"valueString": "Nævus commun"},
        "r.certitude": {"valueCoding": {"code": "probable"}},
        "r.conduite": {"valueString": "Pas d'exérèse."},
        "r.orientation": {"valueCoding": {"code": "aucune"}},
        "r.qualite": {"valueCoding": {"code": "insuffisante"}},
        "r.cotation": {"valueCoding": {"code": "te2"}},
        # A reference to a file that this answer never had brings nothing in.
        "r.prescription": {"valueAttachment": {"url": "stolen-1", "contentType": "application/pdf", "size": 4}},
    }
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "in-progress",
        "questionnaire": f"{questionnaire['url']}|{questionnaire['version']}",
        "item": [{"linkId": link_id, "answer": [value]} for link_id, value in said.items()],
    }


async def test_an_expert_answers_from_a_program(site: Site) -> None:
    office, number = site.office, await assigned(site)
    expert = office.expert(await office.request())
    async with site.signed_in(expert) as http:
        (line,) = (await ask(http, "/worklist"))["entry"]
        assert (line["number"], line["state"], line["title"]) == (number, "assigned", "Dermatologie")
        assert line["why"]
        assert line["deadlineAt"] > line["askedAt"]

        detail = await ask(http, f"/requests/{number}")
        assert detail["reader"] == "holder"
        assert detail["requester"] == office.paul.display_name
        assert detail["response"]["resourceType"] == "QuestionnaireResponse"
        file = await http.get(f"{ROOT}/requests/{number}/files/{detail['files'][0]['ref']}")
        assert file.content.startswith(b"\xff\xd8")
        assert file.headers["x-content-type-options"] == "nosniff"

        accepted = await http.post(f"{ROOT}/requests/{number}/accept")
        assert accepted.json()["state"] == "in_progress"
        draft = await ask(http, f"/requests/{number}/answer")
        assert {fault["linkId"] for fault in draft["faults"]} >= {"r.decision"}

        answer = advice(draft["questionnaire"])
        partial = {**answer, "item": answer["item"][:1]}
        kept = await http.put(f"{ROOT}/requests/{number}/answer", json={"response": partial})
        assert "r.conduite" in {fault["linkId"] for fault in kept.json()["faults"]}
        send = f"{ROOT}/requests/{number}/answer/send"
        assert await refusal(await http.post(send)) == (409, "answer_not_whole")
        whole = await http.put(f"{ROOT}/requests/{number}/answer", json={"response": answer})
        assert whole.json()["faults"] == [], whole.text
        assert "stolen" not in whole.text
        other = {**answer, "questionnaire": "https://autre.example/form|1.0.0"}
        wrong = await http.put(f"{ROOT}/requests/{number}/answer", json={"response": other})
        assert await refusal(wrong) == (400, "answer_for_another_form")
        assert (await http.post(send)).json()["state"] == "answered"
    assert (await office.request()).state is State.ANSWERED

    async with site.signed_in(office.paul) as http:
        assert (await ask(http, f"/requests/{number}"))["answer"]["status"] == "completed"
        assert [one["number"] for one in (await ask(http, "/requests?q=DERMATO"))["entry"]] == [number]
        assert (await ask(http, "/requests?q=cardio"))["entry"] == []
    async with site.signed_in(office.marc) as http:
        figures = await ask(http, f"/pools/{office.pool.id}/figures")
        month = figures["windows"][1]
        assert (month["turns"], month["answered"], month["uninterpretable"]) == (1, 1, 1.0)
        assert month["jain"] == 0.5, "one of two experts had the one turn"
        assert await refusal(await http.get(f"{ROOT}/pools/{'0' * 36}/figures")) == (404, "board_unknown")


async def test_an_expert_asks_then_declines_what_is_not_theirs(site: Site) -> None:
    office, number = site.office, await assigned(site)
    expert = office.expert(await office.request())
    path = f"{ROOT}/requests/{number}"
    async with site.signed_in(expert) as http:
        assert await refusal(await http.post(f"{path}/question", json={"text": "?"})) == (409, "request_state_forbids")
        await http.post(f"{path}/accept")
        assert await refusal(await http.post(f"{path}/question", json={"text": " "})) == (400, "wrong_parameters")
        assert await refusal(await http.post(f"{path}/question", content=b"[")) == (400, "body_unreadable")
        assert await refusal(await http.post(f"{path}/question", content=b"x" * 500_001)) == (413, "body_too_long")
        held = await http.post(f"{path}/question", json={"text": "Depuis quand ?", "items": ["d.debut"]})
        assert held.json()["state"] == "on_hold"
        (remark,) = (await ask(http, f"/requests/{number}"))["remarks"]
        assert (remark["text"], remark["items"]) == ("Depuis quand ?", ["d.debut"])
        assert await refusal(await http.post(f"{path}/decline", json={"reason": "whim"})) == (400, "wrong_parameters")


async def test_a_declined_request_is_gone_for_who_declined_it(site: Site) -> None:
    office, number = site.office, await assigned(site)
    async with site.signed_in(office.expert(await office.request())) as http:
        done = await http.post(f"{ROOT}/requests/{number}/decline", json={"reason": "scope"})
        assert done.json()["state"] == "ready"
        assert await refusal(await http.get(f"{ROOT}/requests/{number}")) == (404, "request_unknown")
        assert (await ask(http, "/worklist"))["entry"] == []


async def test_others_see_nothing_and_a_coordinator_no_content(site: Site) -> None:
    office, number = site.office, await assigned(site)
    async with site.browser() as http:
        assert await refusal(await http.get(f"{ROOT}/worklist")) == (401, "sign_in_needed")
        wrong = await http.get(f"{ROOT}/worklist", headers={"Authorization": "Bearer wrong"})
        assert wrong.status_code == 401
    async with site.signed_in(office.claire) as http:
        assert await refusal(await http.get(f"{ROOT}/requests/{number}")) == (404, "request_unknown")
        assert await refusal(await http.post(f"{ROOT}/requests/{number}/accept")) == (404, "request_unknown")
        assert await refusal(await http.get(f"{ROOT}/queues")) == (403, "not_your_role")
    async with site.signed_in(office.marc) as http:
        (queue,) = (await ask(http, "/queues"))["entry"]
        assert [line["number"] for line in queue["entry"]] == [number]
        seen = await http.get(f"{ROOT}/requests/{number}")
        assert seen.json()["response"] is None
        assert "FICTIF" not in seen.text
        assert await refusal(await http.post(f"{ROOT}/requests/{number}/accept")) == (404, "request_unknown")


async def test_what_did_not_change_is_not_sent_again(site: Site) -> None:
    office, number = site.office, await assigned(site)
    async with site.signed_in(office.expert(await office.request())) as http:
        first = await http.get(f"{ROOT}/worklist")
        etag = first.headers["etag"]
        again = await http.get(f"{ROOT}/worklist", headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        await http.post(f"{ROOT}/requests/{number}/accept")
        changed = await http.get(f"{ROOT}/worklist", headers={"If-None-Match": etag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != etag


async def test_events_say_number_and_version_only(site: Site) -> None:
    office = site.office
    asked = {"Accept": "text/event-stream"}
    async with site.signed_in(office.marc) as http, http.stream("GET", f"{ROOT}/events", headers=asked) as stream:
        assert await refusal(await http.get(f"{ROOT}/events")) == (400, "events_not_asked_for")
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-accel-buffering"] == "no"
        lines = stream.aiter_lines()
        async with asyncio.timeout(WAIT_S):
            assert "event: hello" in [await anext(lines) for _ in range(4)]
            number = await assigned(site)
            heard = ""
            while "event: moved" not in heard:
                heard += await anext(lines) + "\n"
            data = json.loads((await anext(lines)).removeprefix("data: "))
        assert data["request"] == number
        assert set(data) == {"request", "version"}


async def test_a_program_that_asks_without_end_is_slowed(site: Site) -> None:
    house = site.office.house
    async with site.signed_in(site.office.paul) as http:
        account = await house.accounts.find_by_practitioner(site.office.paul.id)
        assert account is not None
        while not house.rates.take("teleexpertise.api", account.uid, RATE):
            continue
        slowed = await http.get(f"{ROOT}/worklist")
    assert await refusal(slowed) == (429, "api_too_often")
    assert int(slowed.headers["retry-after"]) > 0


async def device_token(site: Site, person: Practitioner, folder: Path) -> str:
    return await linked_token(site.office.house, site.url, person, folder)


async def linked_token(house: House, url: str, person: Practitioner, folder: Path) -> str:
    """What a linked device of that person's shows, as `miss.client` asks for it."""
    account = await house.accounts.open(person.id, by="test")
    await house.accounts.verify(account.uid, "test")
    issued = await house.accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "test")
    signer = load_or_create_signer(house.settings.operator_keys, house.clock, house.random_bytes)
    with Store(folder / "chat.db", key_from_file(folder / "chat.key", house.random_bytes), house.random_bytes) as store:
        await link_device(
            store, url, rpps=person.rpps or "", code=issued.code, device_name="Poste fictif",
            expected_fingerprint=signer.root_fingerprint, clock=house.clock, random_bytes=house.random_bytes,
        )  # fmt: skip
        device = store.device.get()
    now_ms = to_ms(house.clock.now())
    moment = hash_("http-token", device.did + now_ms.to_bytes(8, "big"))
    body = {"did": device.did, "ts": now_ms, "sig": sign_auth(device.keys.ik, moment, "127.0.0.1")}
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.post(
            "/api/chat/token", content=msgspec.msgpack.encode(body), headers={"Content-Type": "application/msgpack"}
        )
    return str(msgspec.msgpack.decode(answer.content)["token"])


async def test_a_linked_device_speaks_for_its_owner(site: Site, clock: MovableClock, tmp_path: Path) -> None:
    office, number = site.office, await assigned(site)
    token = await device_token(site, office.expert(await office.request()), tmp_path)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=site.url, headers=headers) as http:
        assert [line["number"] for line in (await ask(http, "/worklist"))["entry"]] == [number]
        assert (await http.post(f"{ROOT}/requests/{number}/accept")).json()["state"] == "in_progress"
        assert await refusal(await http.get(f"{ROOT}/queues")) == (403, "not_your_role")
        assert (await http.get("/teleexpertise/avis")).status_code == 401, "pages ask for a session"
        clock.advance(timedelta(minutes=11))
        late = await http.get(f"{ROOT}/worklist")
        assert late.status_code == 401
        assert late.headers["www-authenticate"].startswith("Bearer")


CONFIGURATION = """
[[operations]]
include-operation-id = ["attachToDraft", "attachToAnswer", "attachToCorrection", "addWord"]
# No schema can say that bytes are a photograph.
checks.positive_data_acceptance.enabled = false
"""


@pytest.mark.parametrize(
    ("is_expert", "examples"),
    [(True, 1), pytest.param(True, 12, marks=pytest.mark.long), pytest.param(False, 12, marks=pytest.mark.long)],
)
async def test_schemathesis_finds_nothing(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_expert: bool, examples: int
) -> None:
    """Right and wrong data for every operation, from the document alone: no 5xx, every answer as declared."""
    monkeypatch.setattr("teleexpertise.api.callers.RATE", Rate(burst=1_000_000, per_s=1_000_000.0))
    await assigned(site)
    person = site.office.expert(await site.office.request()) if is_expert else site.office.paul
    token = await device_token(site, person, tmp_path)
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    command = (
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(configuration)),
        *("run", f"{site.url}{ROOT}/openapi.json", "--header", f"Authorization: Bearer {token}"),
        *("--exclude-operation-id", "followChanges"),  # a stream does not end
        *("--phases", "examples,fuzzing", "--max-examples", str(examples)),
        *("--seed", "20261122", "--no-color", "--workers", "1"),
    )
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-6_000:]
