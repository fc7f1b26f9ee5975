"""The story that is told on the machine: run there with the installed package's own Python, outside any checkout.

    /srv/devices/opt/miss/bin/python story.py FOLDER meet | talk TEXT | ask | answer | prove

People's devices have the newer version from the start (`/srv/devices`), the server gets it when it is upgraded.

A care team talks through the public address, a GP asks by mail as an operator's server brings it, an expert answers on
the pages with a second factor.  What people hold (devices, passwords, mails) stays in FOLDER from one call to the next;
every call ends with one line that says what was seen, or fails.
"""

import asyncio
import json
import re
import ssl
import subprocess
import sys
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import pyotp

from miss.base.clock import SystemClock
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import people
from miss.documents.hprim import parse_hprim_text
from miss.server.demo import browser as browsers
from miss.server.demo import cast, mailbox, request_mails
from miss.server.demo.browser import Browser
from miss.server.demo.cast import CastMember
from miss.server.demo.mailbox import SpoolReader, text_of
from miss.server.demo.people import issue_code, load_directory
from miss.server.demo.photos import take_photo
from miss.server.demo.report import require
from miss.server.demo.request_mails import compose_request
from miss.server.demo.request_story import ANSWER, HOME, NUMBER

ORIGIN = "https://miss.example"
SECRET = re.compile(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}")
CAST = {"paul": people.PAUL_EXEMPLE, "claire": people.CLAIRE_TEMOIN}
EXPERTS = (people.ANNE_MODELE, people.KARIM_ESSAI)
PASSWORD = "demonstration-7f3a9c51e0d24b886a1f"
AS_MISS = ("runuser", "-u", "miss", "--", "env", "MISS_ENV_FILE=/etc/miss/miss.env", "/opt/miss/bin/python")
"""The server's own version, on its own settings."""

# A whole machine shares its processors with whatever else its host does.
browsers.TIMEOUT_S = mailbox.TIMEOUT_S = cast.ANSWER_TIMEOUT_S = 300.0


class Story:
    """One call of the story; `folder` is what people keep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._notes = folder / "story.json"
        self.known: dict[str, Any] = json.loads(self._notes.read_text()) if self._notes.exists() else {}

    def keep(self) -> None:
        """Remember for the next call."""
        self._notes.write_text(json.dumps(self.known, ensure_ascii=False, indent=1))

    async def meet(self) -> str:
        """The register is loaded, people are let in, a conversation begins."""
        self.known |= json.loads(run(*AS_MISS, __file__, str(self.folder), "let_in").splitlines()[-1])
        made = miss("pool", "create", "--name", "Dermatologie", "--form", "dermatologie", "--coordinator",
                    people.MARC_COORDO, "--opens", "0", "--closes", "23")  # fmt: skip
        for rpps in EXPERTS:
            miss("pool", "join", last_line(made), rpps)
        uids = {name: await self._link(name) for name in CAST}
        async with CastMember("paul", self.folder / "paul") as paul:
            await paul.do("come_online")
            self.known["cid"] = await paul.do("create", members=[uids["claire"]], name="Chambre 12")
        self.known["said"] = []
        return "deux soignants reliés, une conversation, un collège de deux experts"

    async def _link(self, name: str) -> str:
        codes, fingerprint = self.known["codes"], self.known["fingerprint"]
        async with CastMember(name, self.folder / name) as member:
            uid: str = await member.do(
                "link",
                server_url=ORIGIN,
                rpps=CAST[name],
                code=codes[f"device {CAST[name]}"],
                fingerprint=fingerprint,
                device=name,
            )
        return uid

    async def talk(self, text: str) -> str:
        """Paul writes, Claire reads; everything ever said is there, in order, without a gap."""
        cid = self.known["cid"]
        async with (
            CastMember("paul", self.folder / "paul") as paul,
            CastMember("claire", self.folder / "claire") as claire,
        ):
            for member in (paul, claire):
                await member.do("come_online")
            self.known["place"] = await paul.do("say", cid=cid, text=text)
            await claire.do("wait_for", cid=cid, text=text)
            self.known["said"].append(text)
            seen = [await member.do("transcript", cid=cid) for member in (paul, claire)]
        require(seen[0] == seen[1], "both read the same")
        require(
            [line["text"] for line in seen[1] if line["type"] == "text"] == self.known["said"],
            "nothing is lost or doubled",
        )
        require([line["seq"] for line in seen[1]] == list(range(1, len(seen[1]) + 1)), "no gap")
        return f"{len(self.known['said'])} messages, lus des deux côtés, sans trou"

    async def ask(self) -> str:
        """A GP's request, brought to port 25 by an operator that shows its certificate; the acknowledgement."""
        number = self.known["asked"] = self.known.get("asked", 0) + 1
        mail = compose_request(
            request_mails.FIRST,
            number=number,
            sent_on=SystemClock().now().date(),
            photos=(take_photo(220, 75), take_photo(640, 75)),
            domain="miss.example",
        )
        mails = self._mails()
        await deliver(mail)
        answer, _ = await mails.take("TE", request_mails.SENDER)
        require("compléter" not in str(answer["Subject"]), f"the request is complete: {text_of(answer)}")
        require(answer["In-Reply-To"] == mail["Message-ID"], "on the thread of the request")
        self.known["request"] = found(NUMBER, text_of(answer))
        return f"la demande {self.known['request']} est enregistrée, son accusé est arrivé"

    async def answer(self) -> str:
        """The expert whose turn it is signs in with a second factor and answers; the advice comes back by mail."""
        number, page = self.known["request"], f"{HOME}/demandes/{self.known['request']}"
        for rpps in EXPERTS:
            async with Browser(ORIGIN) as browser:
                await self._sign_in(browser, rpps)
                if number not in await browser.open(f"{HOME}/avis"):
                    continue
                mails = self._mails()
                await browser.send(f"{page}/accepter", {})
                await browser.send(f"{page}/repondre", ANSWER)
                await browser.send(f"{page}/envoyer", {})
            mail, _ = await mails.take("****FINFICHIER****", request_mails.SENDER)
            letter = parse_hprim_text(text_of(mail))
            require("atypique" in letter.body, "the body holds the advice")
            self.known["answered"] = number
            return f"l’avis sur {number} est revenu par courriel"
        raise AssertionError(f"no expert was offered {number}")

    async def _sign_in(self, browser: Browser, rpps: str) -> None:
        phones: dict[str, str] = self.known.setdefault("phones", {})
        if rpps not in phones:
            code = self.known["codes"][f"browser {rpps}"]
            await browser.send(
                "/activation", {"rpps": rpps, "code": code, "password": PASSWORD, "password_again": PASSWORD}
            )
            await browser.send("/connexion", {"login": rpps, "password": PASSWORD, "suite": "/"})
            secret = found(SECRET, await browser.open("/compte/securite/application")).replace(" ", "")
            await browser.send("/compte/securite/application", {"code": pyotp.TOTP(secret).at(SystemClock().now())})
            phones[rpps] = secret
            return
        await browser.send("/connexion", {"login": rpps, "password": PASSWORD, "suite": "/"})
        # The code of a moment counts once: the next one is good already.
        code = pyotp.TOTP(phones[rpps]).at(SystemClock().now() + timedelta(seconds=30))
        await browser.send("/connexion/second-facteur", {"code": code, "suite": "/"})

    async def prove(self) -> str:
        """A message is proved from a device's own store and the fingerprint; the answered request is still answered."""
        program = (sys.executable, "-c", "from miss.server.cli import main; main()")
        store = self.folder / "claire"
        proof = self.folder / "message.missproof"
        proof.unlink(missing_ok=True)
        held = ("--store", str(store / "store.db"), "--key", str(store / "store.key"))
        which = ("--conversation", self.known["cid"], "--seq", str(self.known["place"]))
        run(*program, "proof", "export", *held, *which, "--out", str(proof))
        said = run(*program, "proof", "verify", str(proof), "--root-fingerprint", self.known["fingerprint"])
        require("Cette preuve tient" in said, said)
        async with Browser(ORIGIN) as browser:
            await self._sign_in(browser, EXPERTS[0])
            require("MiSS" in await browser.open("/"), "the pages answer")
        return "la preuve d’un message tient, avec l’empreinte pour seule donnée"

    def _mails(self) -> SpoolReader:
        return SpoolReader(Path("/srv/world/mails"))


async def let_in() -> dict[str, Any]:
    """What an operator does with a dozen commands, in one process: the fictive people and their letters."""
    from miss.server.commands.session import load_settings, opened

    async with opened(load_settings()) as server:
        await load_directory(server.house)
        purposes = {
            **{f"device {rpps}": (rpps, ActivationPurpose.DEVICE) for rpps in CAST.values()},
            **{f"browser {rpps}": (rpps, ActivationPurpose.BROWSER) for rpps in EXPERTS},
        }
        codes = {name: await issue_code(server.house, *which) for name, which in purposes.items()}
        return {"codes": codes, "fingerprint": server.chat.signer.root_fingerprint}


def miss(*arguments: str) -> str:
    """The machine's own command."""
    return run("miss", *arguments)


def run(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    require(done.returncode == 0, f"{' '.join(command)}: {done.stdout}")
    return done.stdout


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def found(pattern: "re.Pattern[str]", text: str) -> str:
    match = pattern.search(text)
    require(match is not None, f"{pattern.pattern} in {text[:400]}")
    return match[0] if match else ""


async def deliver(mail: EmailMessage) -> None:
    """As an operator's server does: TLS, its client certificate, the certificate of ours checked."""
    context = ssl.create_default_context()
    context.load_cert_chain("/srv/world/operator.pem", "/srv/world/operator.key")
    await aiosmtplib.send(
        mail, sender=request_mails.SENDER, hostname="mx.miss.example", port=25, start_tls=True, tls_context=context
    )


async def main(folder: Path, deed: str, arguments: list[str]) -> None:
    if deed == "let_in":
        print(json.dumps(await let_in()))
        return
    story = Story(folder)
    said = await getattr(story, deed)(*arguments)
    story.keep()
    print(f"  ✓ {said}")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
