"""The long way: atheris (libFuzzer) on each target in turn, guided by which lines of MiSS an input reaches.

    python3 run.py fuzz [--seconds 60] [--only NAME …] [--corpus FOLDER]

Corpora start from the golden samples and grow in FOLDER (`var/fuzz`), so that a later run goes on where an earlier one
ended.  An input that makes a reader do anything but accept or refuse by name is kept there too, and ends the run with
exit code 1.  Time and memory are libFuzzer's to watch: ten seconds and 512 MiB for one input.  After each target stands
how much of its parser its corpus reaches (`reach`).
"""

import argparse
import contextlib
import io
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from random import Random

from tests.fuzz.reach import reach_of
from tests.fuzz.slugs import slug

MAX_INPUT_BYTES = 128 * 1024
INPUT_TIMEOUT_S = 10
MEMORY_MB = 512


def main(arguments: list[str]) -> int:
    """Every target in a process of its own, since libFuzzer never returns."""
    parser = argparse.ArgumentParser(prog="python3 run.py fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="targets; all of them if none is named")
    parser.add_argument("--corpus", type=Path, default=Path("var/fuzz"), help="where inputs are kept")
    asked = parser.parse_args(arguments)
    from tests.fuzz.sheets import EVERY as TARGETS

    names = [target.name for target in TARGETS]
    if unknown := set(asked.only) - set(names):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    failed = [name for name in asked.only or names if not _survives(name, asked.corpus, asked.seconds)]
    for name in failed:
        print(f"{name}: FAILED, see {asked.corpus / slug(name)}/crash-* and the report above")
    return 1 if failed else 0


def _survives(name: str, corpus: Path, seconds: int) -> bool:
    """Fuzz one target; True if nothing was found."""
    folder = corpus / slug(name)
    (folder / "inputs").mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_INPUT_BYTES}",
        f"-timeout={INPUT_TIMEOUT_S}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    print(f"== {name}: {seconds} s", flush=True)
    command = [sys.executable, "-m", "tests.fuzz.long", "--child", name, *options, str(folder / "inputs")]
    survives = subprocess.run(command, check=False).returncode == 0
    print(f"{name}: {reach_of(name, corpus)}", flush=True)
    return survives


def fuzz(name: str, options: list[str]) -> None:
    """One target, in this process, until libFuzzer ends it."""
    import atheris

    # It names every module that it instruments.
    with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(include=["miss"]):
        from tests.fuzz.mutations import mutate
        from tests.fuzz.sheets import EVERY as TARGETS
    [target] = [target for target in TARGETS if target.name == name]
    for sample in target.samples:
        (Path(options[-1]) / sha256(sample).hexdigest()[:16]).write_bytes(sample)

    def read(data: bytes) -> None:
        with contextlib.suppress(*target.refusals):
            target.read(data)

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        rng = Random(seed)
        # Blind mutations, which follow the coverage closely, in turn with ours, which know the structure.
        changed = mutate(data, rng) if rng.random() < 0.5 else atheris.Mutate(data, max_size)
        return bytes(changed[:max_size])

    atheris.Setup([sys.argv[0], *options], read, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        fuzz(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main(sys.argv[1:]))
