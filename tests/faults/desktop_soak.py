"""An hour at the desk: does the desktop client grow?

    python3 run.py soak --desktop [--minutes 60] [--report docs/desktop.md] [--json FILE]

A real server, three colleagues who write without a pause, and in a process of its own one window (`desktop_person`)
whose person reads, writes, searches, opens every dialog, locks, and gives the machine to a colleague and back; the
server goes away now and then.  Memory, handles, threads and widgets are read all along.  Right is: what the window
has stored is what everybody has, in the same order, and the last quarter costs what the second one did.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.engines import ROOT
from bench.machine import describe
from miss.base.clock import SystemClock
from miss.base.ids import ConversationId
from miss.client import Client
from miss.client.connection import MAX_PAUSE_S
from miss.client.errors import ClientError
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, HUGO_FACTICE, LUCIE_SPECIMEN, PAUL_EXEMPLE
from tests.faults.report import put_between_marks
from tests.faults.stored import digest
from tests.miss.client.chat_server import ChatServer, running
from tests.miss.client.files.test_photo import jpeg

AT_THE_DESK: Final = (ANNE_MODELE, CLAIRE_TEMOIN)
COLLEAGUES: Final = (PAUL_EXEMPLE, HUGO_FACTICE, LUCIE_SPECIMEN)
GROUPS: Final = 6
OUTAGES: Final = 6
OUTAGE_S: Final = 8.0
ANSWER_S: Final = 900.0
"""A patience, no measure: whoever is at the desk ends what they do and opens both accounts, on whatever is left of a
machine that others use as well."""
ALLOWED: Final = {"memory_mb": 15.0, "handles": 4.0, "threads": 2.0, "widgets": 40.0}
"""How much more the last quarter may cost than the second one."""
SAID: Final = {
    "memory_mb": "memory, MB",
    "handles": "handles",
    "threads": "threads",
    "widgets": "widgets",
    "blocks": "blocks of Python",
    "cpu_s": "processor, s",
    "acts": "acts",
}
HARMLESS: Final = b"This plugin does not support"
"""The offscreen platform says it of every window."""
OF_AN_OUTAGE: Final = b"server_unreachable"
BACK_S: Final = MAX_PAUSE_S
"""How long after an outage somebody may still be on their way back: the longest wait between two attempts."""
Sample = dict[str, float]


@dataclass
class Run:
    """What a soak has shown."""

    seconds: float
    samples: list[Sample] = field(default_factory=list)
    messages: int = 0
    outages: int = 0
    faults: list[str] = field(default_factory=list)
    is_away: bool = False
    """The server is down, or was until `BACK_S` ago."""

    def expects(self, complaint: bytes) -> bool:
        """Whether it is no fault to say that now."""
        return HARMLESS in complaint or (self.is_away and OF_AN_OUTAGE in complaint)

    def go_away(self) -> None:
        """An outage begins."""
        self.outages += 1
        self.is_away = True

    def come_back(self, outage: int) -> None:
        """Nothing excuses them any more, unless another outage began since."""
        if outage == self.outages:
            self.is_away = False

    def growth(self, name: str) -> float:
        """Median of the last quarter less that of the second one, when everything has been opened once."""
        quarter = max(1, len(self.samples) // 4)
        second, last = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        return median(one[name] for one in last) - median(one[name] for one in second)

    def judge(self) -> None:
        """Add what has grown to the faults."""
        for name, most in ALLOWED.items():
            if (grown := self.growth(name)) > most:
                self.faults.append(f"{SAID[name]}: {grown:+.0f} from the second quarter to the last")


class Person:
    """The process at the desk."""

    def __init__(self, process: asyncio.subprocess.Process, run: Run) -> None:
        self._process = process
        self._run = run
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def listen(self) -> None:
        """Until the process ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "at_s" in said:
                self._run.samples.append(said)
            else:
                self._answers.put_nowait(said)
        self._answers.put_nowait({})

    async def overhear(self) -> None:
        """What Qt, Python or asyncio complain of is a fault."""
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            if not self._run.expects(line):
                print(line.decode(errors="replace"), end="", file=sys.stderr)
                self._run.faults.append(f"it complained: {line.decode(errors='replace').strip()}")

    async def answer(self, name: str) -> Any:
        """The next thing it says that is no sample.  Raises KeyError if it has ended instead."""
        return (await asyncio.wait_for(self._answers.get(), ANSWER_S))[name]

    async def stored(self, wanted: dict[str, dict[str, int]]) -> dict[str, dict[str, str]]:
        """What each of its accounts holds; without `wanted` it stops, and waits until nothing has to leave."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
        await self._process.stdin.drain()
        found: dict[str, dict[str, str]] = await self.answer("stored")
        return found


@asynccontextmanager
async def at_the_desk(server: ChatServer, home: Path, run: Run, every_s: float, pace_ms: int) -> AsyncIterator[Person]:
    """The process, linked; it has to end by itself and well."""
    letters = [word for rpps in AT_THE_DESK for word in (rpps, await server.activate(rpps))]
    fixed = (home, server.url, server.signer.root_fingerprint, every_s, pace_ms)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.desktop_person", *map(str, fixed), *letters),
        cwd=ROOT,
        env={"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    person = Person(process, run)
    listening = asyncio.gather(person.listen(), person.overhear())
    try:
        await person.answer("linked")
        yield person
        if code := await asyncio.wait_for(process.wait(), ANSWER_S):
            run.faults.append(f"the desk ended with {code}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await listening


async def soak(folder: Path, run: Run, *, every_s: float, pace_ms: int, rate_s: float) -> None:
    """Everything, for as long as `run` says; a colleague writes every `rate_s`."""
    async with running(folder) as server, AsyncExitStack() as stack:
        await server.link_everybody(*COLLEAGUES)
        clients = [await stack.enter_async_context(server.online(rpps)) for rpps in COLLEAGUES]
        async with at_the_desk(server, folder / "desk", run, every_s, pace_ms) as person:
            names = await _people(clients[0])
            cids = await _groups(clients, names)
            await _work(server, clients, cids, run, rate_s)
            await person.stored({})
            await _quiet(clients, cids)
            last = {cid.hex(): clients[0].conversation(cid).last_seq for cid in cids}
            told = [{cid.hex(): digest(one, cid, last[cid.hex()]) for cid in cids} for one in clients]
            found = await person.stored(dict.fromkeys(names, last))
    run.messages = sum(int(one.split()[0]) for one in told[0].values())
    for name, stored in found.items():
        run.faults += [f"{name} holds another conversation {cid[:8]}" for cid in last if stored[cid] != told[0][cid]]
    run.faults += [f"{rank}: colleagues differ" for rank, one in enumerate(told) if one != told[0]]
    run.judge()


async def _people(client: Client) -> list[str]:
    """The names that the desk lists its accounts by."""
    found = [(await client.directory(word))[0] for word in ("MODELE", "TEMOIN")]
    return [f"{one.given} {one.family}".strip() for one in found]


async def _groups(clients: list[Client], names: list[str]) -> list[ConversationId]:
    """Groups of everybody, so that both accounts of the desk hear everything."""
    first, *others = clients
    desk = [(await first.directory(word))[0].uid for word in ("MODELE", "TEMOIN")]
    uids = [*(one for one in desk if one is not None), *(one.uid for one in others)]
    return [await first.create_conversation(uids, name=f"Plaie {rank}") for rank in range(GROUPS)]


async def _work(server: ChatServer, clients: list[Client], cids: list[ConversationId], run: Run, rate_s: float) -> None:
    """Colleagues write; the server is away now and then."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    outages_s = [run.seconds * (rank + 1) / (OUTAGES + 1) for rank in range(OUTAGES)]
    for turn in count():
        elapsed_s = loop.time() - began_s
        if elapsed_s >= run.seconds:
            return
        client, cid = clients[turn % len(clients)], cids[turn * 7 % len(cids)]
        await _say(client, cid, turn)
        if outages_s and elapsed_s >= outages_s[0]:
            outages_s.pop(0)
            run.go_away()
            await server.stop()
            await asyncio.sleep(min(OUTAGE_S, run.seconds / 20))
            await server.start()
            loop.call_later(BACK_S, run.come_back, run.outages)
        await asyncio.sleep(rate_s)


async def _say(client: Client, cid: ConversationId, turn: int) -> None:
    try:
        if cid not in {one.cid for one in client.conversations()}:
            return  # its key is on its way
        if turn % 25 == 24:
            await client.send_photo(cid, jpeg((320, 240)), f"Photo {turn}")
        elif turn % 60 == 59:
            client.send_alarm(cid, f"Kaliémie {turn}", ack_by=SystemClock().now() + timedelta(minutes=30))
        else:
            client.send_text(cid, f"Message {turn} : la plaie du talon est propre.")
        if turn % 9 == 0 and (seen := client.messages(cid, limit=1, before_seq=client.conversation(cid).last_seq + 1)):
            client.react(cid, seen[0].seq, "👍")
            client.mark_read(cid, seen[0].seq)
        client.typing(cid, on=turn % 2 == 0)
    except ClientError:
        return  # offline: a person would try again, and the next turn does


async def _quiet(clients: list[Client], cids: list[ConversationId]) -> None:
    """Until nobody has anything to send and everybody is as far as the others."""
    async with asyncio.timeout(ANSWER_S):
        while any(not one.failed for client in clients for cid in cids for one in client.outgoing(cid)) or any(  # noqa: ASYNC110
            len({client.conversation(cid).last_seq for client in clients}) > 1 for cid in cids
        ):
            await asyncio.sleep(0.1)


# The report


def compose_markdown(command: str, run: Run) -> str:
    """The table, a row for each tenth of the run."""
    machine = ", ".join(f"{name} {value}" for name, value in sorted(describe().items()))
    rows = ["| minute | " + " | ".join(SAID.values()) + " |", "|---" * (len(SAID) + 1) + "|"]
    step = max(1, len(run.samples) // 12)
    for sample in [*run.samples[::step][:-1], run.samples[-1]]:
        values = " | ".join(f"{sample[name]:,.0f}" for name in SAID)
        rows.append(f"| {sample['at_s'] / 60:.1f} | {values} |")
    grown = ", ".join(f"{SAID[name]} {run.growth(name):+.1f} (at most {most:g})" for name, most in ALLOWED.items())
    verdict = "; ".join(run.faults[:5]) or "everybody holds the same messages in the same order, nothing has grown"
    total = f"{run.messages:,} messages in {GROUPS} groups, {run.outages} outages of the server"
    growth = f"From the second quarter to the last: {grown}."
    return "\n\n".join([f"`{command}`", machine, "\n".join(rows), growth, f"{total}: {verdict}."])


def main(arguments: Sequence[str]) -> int:
    """Run, write the table down; 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python3 run.py soak --desktop", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between samples")
    parser.add_argument("--pace", type=int, default=500, help="milliseconds between acts at the desk")
    parser.add_argument("--rate", type=float, default=0.5, help="seconds between messages of the colleagues")
    parser.add_argument("--json", type=Path, default=ROOT / "var/faults/desktop.json")
    parser.add_argument("--report", type=Path, help="a document with the two marks")
    asked = parser.parse_args(arguments)
    import tests.conftest  # noqa: F401  # makes the register's tables with the others, as for every test

    run = Run(asked.minutes * 60)
    with tempfile.TemporaryDirectory(prefix="miss-desktop-soak-") as folder:
        try:
            asyncio.run(soak(Path(folder), run, every_s=asked.every, pace_ms=asked.pace, rate_s=asked.rate))
        except Exception as error:  # an hour's samples are worth a table, whatever ended it
            run.faults.append(f"it ended early: {type(error).__name__} {error}")
    command = " ".join(("python3 run.py soak --desktop", *arguments))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps({"command": command, "samples": run.samples, "faults": run.faults}))
    text = compose_markdown(command, run)
    if asked.report is not None:
        put_between_marks(asked.report, text)
    print(text)
    return int(bool(run.faults))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
