"""The whole demonstration, in order, on a server that is already open."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from miss.base.clock import MovableClock
from miss.chat import CHANNEL
from miss.server.demo.chat_story import CANARY, ChatStory
from miss.server.demo.people import PAGE_USERS, PageUser, activate_pages, load_directory
from miss.server.demo.report import Report, require
from miss.server.demo.request_story import RequestStory
from miss.server.doors import Server

SIGN_INS = "sign-ins.json"


@dataclass(slots=True)
class Demonstration:
    """Plays on `server`; `folder` keeps the members' devices and the sign-ins."""

    server: Server
    clock: MovableClock
    folder: Path
    report: Report

    async def play(self, *, leave_one_waiting: bool) -> None:
        """Every step; the report is written whatever happens.  Raises StepFailed.

        `leave_one_waiting`: end on the machine's own time with one request that waits for whoever signs in.
        """
        ok = False
        try:
            overheard = bytearray()

            async def overhear(payload: bytes) -> None:
                overheard.extend(payload)

            await self.server.house.broker.listen(CHANNEL, overhear)
            users = await self._load()
            await self._chat().play()
            requests = self._requests(users)
            await requests.play()
            await self._look_for_the_canary(bytes(overheard))
            if leave_one_waiting:
                self.clock.release()
                await requests.ask_again()
            ok = True
        finally:
            self.report.finish(ok=ok)

    async def _load(self) -> dict[str, PageUser]:
        house = self.server.house
        self.report.say("L'annuaire et les accès")
        with self.report.step("L'annuaire fictif est chargé, les identités sont vérifiées") as facts:
            facts["practitioners"] = await load_directory(house)
            for sample in self.server.samples:
                await sample()
        with self.report.step("Quatre personnes activent leur accès aux pages avec un code"):
            origin = house.settings.public_origin
            users = {rpps: await activate_pages(house, origin, rpps) for rpps in PAGE_USERS}
            self._keep(users)
        return users

    def _keep(self, users: dict[str, PageUser]) -> None:
        sign_ins = [
            {"name": user.practitioner.display_name, "login": rpps, "password": user.password}
            for rpps, user in users.items()
        ]
        path = self.folder / SIGN_INS
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(sign_ins, ensure_ascii=False, indent=2) + "\n")

    def _chat(self) -> ChatStory:
        house = self.server.house
        fingerprint = self.server.chat.signer.root_fingerprint
        return ChatStory(house, house.settings.public_origin, fingerprint, self.folder / "members", self.report)

    def _requests(self, users: dict[str, PageUser]) -> RequestStory:
        house = self.server.house
        origin, smtp_port = house.settings.public_origin, self.server.mail_door.port
        return RequestStory(house, self.clock, origin, smtp_port, users, self.report)

    async def _look_for_the_canary(self, overheard: bytes) -> None:
        self.report.say("Ce que le serveur a vu")
        with self.report.step(
            "Le message témoin n'est ni dans la base, ni dans le journal, ni dans le courtier"
        ) as facts:
            files, found = await asyncio.to_thread(_search, self.server.house.settings.data_dir, CANARY, self.folder)
            facts |= {"files": files, "broker_bytes": len(overheard)}
            require(not found, f"the canary is in {found}")
            require(len(overheard) > 0 and CANARY.encode() not in overheard, "the broker carried no plaintext")


def _search(root: Path, text: str, apart: Path) -> tuple[int, list[str]]:
    """How many files of the server there are, and which contain `text`; `apart`: the members' own devices."""
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_relative_to(apart)]
    return len(files), [str(path) for path in files if text.encode() in path.read_bytes()]
