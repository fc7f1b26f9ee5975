"""The steps of a request, as programs take them (`/api/teleexpertise/v1`): begun, filled in, sent, offered, taken back.

The patient is made up and says so; the only question of the form is whether this is a probe.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from miss.base.text import Text
from miss.server.probe.door import Door
from miss.server.probe.errors import DoorRefused
from miss.server.probe.model import Watch
from teleexpertise.house import build, load_registry
from teleexpertise.settings import TeleexpertiseSettings

if TYPE_CHECKING:
    from miss.server.house import House

API: Final = "/api/teleexpertise/v1"
STEP_S: Final = 30.0
LOOK_EVERY_S: Final = 0.25
"""As often as the API lets one account ask."""
SENT: Final = Text(fr="Une demande d’avis est envoyée", en="A request for advice is sent")
OFFERED: Final = Text(fr="Elle est proposée à l’expert", en="It is offered to the expert")
TAKEN_BACK: Final = Text(fr="Elle est annulée et disparaît de sa liste", en="It is taken back and leaves their list")
CODED: Final = {"c.patient.sexe": "I", "c.delai": "sans-urgence", "c.but": "conduite", "c.terrain": "aucun"}
_SAID: Final[dict[str, dict[str, Any]]] = {
    "z.sonde": {"valueBoolean": True},
    "c.patient.nom": {"valueString": "SONDE"},
    "c.patient.prenoms": {"valueString": "TECHNIQUE"},
    "c.patient.naissance": {"valueDate": "2000-01-01"},
    "c.question": {"valueString": "Sonde technique : cette demande ne concerne aucun patient, ne pas y répondre."},
    "c.allergie": {"valueBoolean": False},
    "c.information": {"valueBoolean": True},
}
_CHOSEN: Final[dict[str, dict[str, Any]]] = {one: {"valueCoding": {"code": code}} for one, code in CODED.items()}
ANSWERS: Final = _SAID | _CHOSEN


class RequestProbe:
    """One request of the asking probe to the answering one."""

    async def prepare(self, house: "House") -> None:
        """Open the probe's pool."""
        await build(house, TeleexpertiseSettings()).probes.prepare()

    async def play(self, asking: Door, answering: Door, watch: Watch) -> None:
        """Raises StepStopped."""
        with watch.step("request_sent", SENT):
            async with asyncio.timeout(STEP_S):
                await _take_back_what_is_left(asking)
                number = await _send(asking)
        with watch.step("request_offered", OFFERED):
            async with asyncio.timeout(STEP_S):
                await _wait_until(answering, number, is_listed=True)
        with watch.step("request_taken_back", TAKEN_BACK):
            async with asyncio.timeout(STEP_S):
                await asking.ask("POST", f"{API}/requests/{number}/cancel")
                await _wait_until(answering, number, is_listed=False)


async def _send(asking: Door) -> str:
    """A request, whole; its number."""
    number = str((await asking.ask("POST", f"{API}/requests", {"form": _form()}))["number"])
    draft = await asking.get(f"{API}/requests/{number}/draft")
    canonical = f"{draft['questionnaire']['url']}|{draft['questionnaire']['version']}"
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": canonical,
        "status": "in-progress",
        "item": _items(draft["questionnaire"]["item"]),
    }
    await asking.ask("PUT", f"{API}/requests/{number}/draft", {"revision": draft["revision"], "response": response})
    await asking.ask("POST", f"{API}/requests/{number}/draft/send")
    return number


def _form() -> str:
    """The probe's form as this version of MiSS asks it."""
    form = load_registry(TeleexpertiseSettings()).probe_form
    return form.canonical if form else ""


def _items(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers in the shape of the form: groups hold their questions."""
    said: list[dict[str, Any]] = []
    for item in asked:
        children = _items(item.get("item", []))
        answer = ANSWERS.get(item["linkId"])
        if answer is not None:
            said.append({"linkId": item["linkId"], "answer": [answer]})
        elif children:
            said.append({"linkId": item["linkId"], "item": children})
    return said


async def _worklist(answering: Door) -> set[str]:
    return {one["number"] for one in (await answering.get(f"{API}/worklist"))["entry"]}


async def _wait_until(answering: Door, number: str, *, is_listed: bool) -> None:
    """Look at the expert's worklist until the request is there, or is not any more."""
    while is_listed is not (number in await _worklist(answering)):  # noqa: ASYNC110 - it changes across the network
        await asyncio.sleep(LOOK_EVERY_S)


async def _take_back_what_is_left(asking: Door) -> None:
    """A run that was killed may have left a request under way; a draft is forgotten by itself."""
    for entry in (await asking.get(f"{API}/requests"))["entry"]:
        if entry["state"] != "draft" and not entry.get("ended_at"):
            try:
                await asking.ask("POST", f"{API}/requests/{entry['number']}/cancel")
            except DoorRefused:
                continue  # it ended meanwhile
