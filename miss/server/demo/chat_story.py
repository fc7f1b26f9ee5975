"""Three practitioners, a conversation, a photo, one away, one killed."""

import asyncio
import base64
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import people
from miss.server.demo.cast import CastMember
from miss.server.demo.people import issue_code
from miss.server.demo.photos import take_photo
from miss.server.demo.report import Report, require
from miss.server.house import House

CANARY = "canari-7f3a : plaie du talon, culture positive"
"""Said in the chat; must be found nowhere on the server."""
MAX_SIDE_PX, MAX_PHOTO_BYTES = 1600, 400_000
BURST = [f"Constante n° {number} : température 37,{number % 10}" for number in range(1, 21)]


@dataclass(slots=True)
class ChatStory:
    """The story; `server_url` and `fingerprint` are what the activation letter says."""

    house: House
    server_url: str
    fingerprint: str
    folder: Path
    report: Report

    async def play(self) -> None:
        """Every step, in order.  Raises StepFailed."""
        self.report.say("La messagerie : trois professionnels, trois appareils")
        async with AsyncExitStack() as stack:
            paul = await stack.enter_async_context(CastMember("paul", self.folder / "paul"))
            claire = await stack.enter_async_context(CastMember("claire", self.folder / "claire"))
            hugo = await stack.enter_async_context(CastMember("hugo", self.folder / "hugo"))
            paul_uid = await self._link(paul, people.PAUL_EXEMPLE)
            claire_uid = await self._link(claire, people.CLAIRE_TEMOIN)
            hugo_uid = await self._link(hugo, people.HUGO_FACTICE)
            with self.report.step("Paul trouve ses collègues dans l'annuaire et crée la conversation"):
                require(await paul.do("find", text="temoin") == claire_uid, "the directory finds Claire")
                require(await paul.do("find", text="factice") == hugo_uid, "the directory finds Hugo")
                cid = await paul.do("create", members=[claire_uid, hugo_uid], name="Équipe de soins – chambre 12")
            await self._talk(cid, paul, claire, hugo)
            await self._show_photo(cid, paul, claire)
            await self._be_away(cid, paul, claire, hugo)
            await self._be_killed(cid, claire, paul, hugo)
            await self._be_alarmed(cid, claire, hugo, paul_uid, hugo_uid)
            await self._compare(cid, paul, claire, hugo)
            await self._add_device(cid, claire)

    async def _link(self, member: CastMember, rpps: str) -> str:
        with self.report.step(f"{member.name.capitalize()} relie son appareil avec son code d'activation"):
            code = await issue_code(self.house, rpps, ActivationPurpose.DEVICE)
            uid: str = await member.do(
                "link",
                server_url=self.server_url,
                rpps=rpps,
                code=code,
                fingerprint=self.fingerprint,
                device=f"Téléphone de {member.name.capitalize()}",
            )
            await member.do("come_online")
        return uid

    async def _talk(self, cid: str, paul: CastMember, *others: CastMember) -> None:
        with self.report.step("Un message arrive, déchiffré, chez chacun"):
            seq = await paul.do("say", cid=cid, text=CANARY)
            for other in others:
                require(await other.do("wait_for", cid=cid, text=CANARY) == seq, f"{other.name} has the message")
                await other.do("read", cid=cid)

    async def _show_photo(self, cid: str, paul: CastMember, claire: CastMember) -> None:
        with self.report.step("Une photo part réduite et sans position") as facts:
            original = self.folder / "photo.jpg"
            original.write_bytes(take_photo())
            seq = await paul.do("show_photo", cid=cid, path=str(original), caption="Talon droit, ce matin")
            await claire.do("wait_for", cid=cid, text="Talon droit, ce matin")
            received = base64.b64decode(await claire.do("fetch_photo", cid=cid, seq=seq))
            self.report.file("chat/photo-sent.jpg", original.read_bytes())
            self.report.file("chat/photo-received.jpg", received)
            facts |= {"before_bytes": original.stat().st_size, "after_bytes": len(received)}
            with Image.open(self.report.folder / "chat/photo-received.jpg") as photo:
                facts["size_px"] = f"{photo.width}×{photo.height}"
                require(max(photo.size) <= MAX_SIDE_PX, "the photo is at most 1600 px")
                require(not photo.getexif() and "exif" not in photo.info, "the photo has no EXIF")
            require(len(received) <= MAX_PHOTO_BYTES, "the photo is at most 400 KB")

    async def _be_away(self, cid: str, paul: CastMember, claire: CastMember, hugo: CastMember) -> None:
        with self.report.step("Hugo, hors ligne, retrouve au retour ce qu'il a manqué"):
            await hugo.do("go_offline")
            await claire.do("say", cid=cid, text="Pansement refait à 11 h.")
            await paul.do("say", cid=cid, text="Merci. Je passe demain.")
            await hugo.do("come_online")
            await hugo.do("wait_for", cid=cid, text="Merci. Je passe demain.")

    async def _be_killed(self, cid: str, claire: CastMember, *others: CastMember) -> None:
        with self.report.step("L'appareil de Claire est tué en plein envoi, puis reprend") as facts:
            await claire.do("write", cid=cid, texts=BURST)
            await claire.kill()
            await claire.start()
            await claire.do("come_online")
            await claire.do("drained", cid=cid)
            for other in others:
                await other.do("wait_for", cid=cid, text=BURST[-1])
                heard = [line["text"] for line in await other.do("transcript", cid=cid) if line["text"] in BURST]
                require(heard == BURST, f"{other.name} has each message once, in order")
            facts["messages"] = len(BURST)

    async def _be_alarmed(self, cid: str, claire: CastMember, hugo: CastMember, prescriber: str, sampler: str) -> None:
        with self.report.step(
            "Un résultat alarmant demande qu'on en réponde : Hugo signe l'accusé de réception"
        ) as facts:
            text = "Kaliémie 6,8 mmol/L, à recontrôler sans attendre."
            seq = await claire.do("raise_alarm", cid=cid, text=text, next_uids=[prescriber, sampler])
            require(await hugo.do("wait_for", cid=cid, text=text) == seq, "Hugo has the result")
            await hugo.do("acknowledge", cid=cid, seq=seq)
            facts["answered_by"] = await claire.do("acknowledged", cid=cid, seq=seq)
            require(facts["answered_by"] == "FACTICE", "the acknowledgement is Hugo's")

    async def _add_device(self, cid: str, claire: CastMember) -> None:
        name = "Poste de l'unité"
        async with CastMember("poste", self.folder / "poste") as desk:
            with self.report.step(
                "Claire ajoute un poste par un code montré sur son téléphone : tout l'historique y est"
            ):
                code = await claire.do("invite")
                _, shown = await asyncio.gather(
                    desk.do("join", server_url=self.server_url, code=code, device=name), claire.do("let_in")
                )
                require(shown == name, "the phone shows which device asks to enter")
                await desk.do("come_online")
                here, there = await claire.do("transcript", cid=cid), await desk.do("transcript", cid=cid)
                require(here == there, "the new device reads the whole conversation")
            with self.report.step("Elle révoque ce poste : il est coupé aussitôt et efface ce qu'il savait"):
                wiped, _ = await asyncio.gather(desk.do("be_turned_away"), claire.do("revoke", device=name))
                require(wiped, "the revoked device has erased its store")

    async def _compare(self, cid: str, *members: CastMember) -> None:
        with self.report.step("Les trois appareils ont la même conversation") as facts:
            transcripts: list[list[dict[str, Any]]] = [await member.do("transcript", cid=cid) for member in members]
            for member, transcript in zip(members, transcripts, strict=True):
                written = json.dumps(transcript, ensure_ascii=False, indent=2)
                self.report.file(f"chat/transcript-{member.name}.json", written + "\n")
            require(all(transcript == transcripts[0] for transcript in transcripts), "the transcripts are equal")
            require(not any(line["refused"] for line in transcripts[0]), "no message was refused")
            places = [line["seq"] for line in transcripts[0]]
            require(places == list(range(1, len(places) + 1)), "the log has no gap")
            facts["messages"] = len(places)
