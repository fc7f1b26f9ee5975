"""`python3 run.py bench`: MiSS measured side by side with other chat servers.

python3 run.py bench --json FILE [--peers miss,ejabberd,prosody,fanout] [--quick] [--modes …] [--runs N]
python3 run.py bench report FILE          write docs/performance.md's table and picture from a result file
python3 run.py bench protocol …           what the protocol's cryptography costs (bench/protocol_costs.py)
python3 run.py bench directory …          the national register at full size: import and search (bench/directory)
python3 run.py bench dispatch …           requests for advice assigned by many processes at once (bench/dispatch)
python3 run.py bench year …               a year of requests for advice on a virtual clock (bench/year)
python3 run.py bench forms [--write]       every guided form filled in by a browser, counted and estimated (bench/forms)
python3 run.py bench photos [--write]      when a photograph is called blurred or dark (bench/photos)
python3 run.py bench letters …            letters composed in each form, per second and core (bench/letters)
python3 run.py bench mail …               queued mails drained at one connection per destination (bench/mail)
python3 run.py bench desktop …            start, memory and rest of the desktop client with 20,000 messages
python3 run.py bench cda-validate FOLDER  what MiSS writes as CDA against the ANS's validator in FOLDER (bench/cda)
python3 run.py bench web [--write]         the web client's weight, how soon a telephone can use it, how it scrolls
python3 run.py bench costs --json FILE    unit costs for many more people than fit here (bench/capacity)
python3 run.py bench scale FILE COSTS     write docs/scale.md's tables and picture from both
"""

import argparse
import runpy
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.capacity.costs import read_costs
from bench.capacity.measure import main as measure_costs
from bench.capacity.page import write_page
from bench.cda.command import main as validate_cda
from bench.desktop.command import main as measure_desktop
from bench.dispatch.command import main as measure_dispatch
from bench.engines import ROOT, NotStarted
from bench.letters.command import main as measure_letters
from bench.mail.command import main as measure_mail
from bench.peers.base import Place
from bench.peers.catalogue import PEERS, make_peer
from bench.report import write_report
from bench.rows import Mode, Row, read_rows, write_rows
from bench.scale import FULL, QUICK
from bench.session import run_session
from bench.web.command import main as measure_web
from bench.year.command import main as simulate_year

DEFAULT_PEERS = "miss,ejabberd,prosody,fanout"


def main(arguments: Sequence[str]) -> int:
    """Dispatch on the first word."""
    if arguments[:1] == ["protocol"]:
        sys.argv = ["bench protocol", *arguments[1:]]
        runpy.run_module("bench.protocol_costs", run_name="__main__")
        return 0
    if arguments[:1] == ["directory"]:
        sys.argv = ["bench directory", *arguments[1:]]
        runpy.run_module("bench.directory", run_name="__main__")
        return 0
    if arguments[:1] == ["dispatch"]:
        return measure_dispatch(arguments[1:])
    if arguments[:1] == ["year"]:
        return simulate_year(arguments[1:])
    if arguments[:1] in (["forms"], ["photos"]):
        sys.argv = [f"bench {arguments[0]}", *arguments[1:]]
        runpy.run_module(f"bench.{arguments[0]}", run_name="__main__")
        return 0
    if arguments[:1] == ["letters"]:
        return measure_letters(arguments[1:])
    if arguments[:1] == ["mail"]:
        return measure_mail(arguments[1:])
    if arguments[:1] == ["desktop"]:
        return measure_desktop(arguments[1:])
    if arguments[:1] == ["cda-validate"]:
        return validate_cda(arguments[1:])
    if arguments[:1] == ["web"]:
        return measure_web(arguments[1:])
    if arguments[:1] == ["costs"]:
        return measure_costs(arguments[1:])
    if len(arguments) == 3 and arguments[0] == "scale":
        return write_scale(Path(arguments[1]), Path(arguments[2]))
    if len(arguments) == 2 and arguments[0] == "report":
        return report(Path(arguments[1]))
    return measure(_parser().parse_args(arguments))


def report(file: Path) -> int:
    """Write the page's tables and the picture; refused for a quick session, which measures nothing."""
    rows = read_rows(file)
    if any(row.users != FULL.users_of(row.mode) for row in rows):
        print(f"{file} holds a quick session: it shows that everything works, not how fast", file=sys.stderr)
        return 1
    write_report(rows, ROOT)
    return 0


def write_scale(file: Path, costs: Path) -> int:
    """Write the tables and the picture of docs/scale.md; refused if something they follow from was not measured."""
    try:
        write_page(read_rows(file), read_costs(costs), ROOT)
    except (KeyError, ValueError) as error:
        print(f"{file} and {costs} do not suffice: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 run.py bench", description="MiSS and its peers, side by side.")
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="where the rows go")
    parser.add_argument("--peers", default=DEFAULT_PEERS, help=f"among {', '.join(PEERS)}")
    parser.add_argument("--modes", default=",".join(Mode), help=f"among {', '.join(Mode)}")
    parser.add_argument("--quick", action="store_true", help="small and short: shows that it works, measures nothing")
    parser.add_argument("--runs", type=int, help="runs of each measurement (3; 1 with --quick)")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    parser.add_argument("--seeds", type=Path, default=ROOT / "var" / "bench", help="worlds kept between sessions")
    return parser


def measure(asked: argparse.Namespace) -> int:
    """Run a session; the file is complete after every row.  0 if anything was measured."""
    scale = QUICK if asked.quick else FULL
    scale = replace(scale, runs=asked.runs or scale.runs)
    modes = tuple(Mode(name) for name in asked.modes.split(","))
    rows: list[Row] = []
    asked.seeds.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="miss-bench-", ignore_cleanup_errors=True) as folder:
        place = Place(Path(folder), asked.server_core, asked.seeds.resolve())
        # Servers that refuse to run as root run as a user of their own, who has to get in here.
        place.folder.chmod(0o755)
        try:
            peers = [make_peer(name, place) for name in asked.peers.split(",")]
            for row in run_session(peers, scale, modes, load_core=asked.load_core, tell=_say):
                rows.append(row)
                write_rows(asked.json, rows)
        except NotStarted as error:
            print(error, file=sys.stderr)
    return 0 if rows else 1


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
