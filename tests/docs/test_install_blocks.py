"""The installation page's blocks are those that `python3 run.py prove` runs, and shell can read them; the package has
every unit that there is.
"""

import re
import runpy
import subprocess
from pathlib import Path

import pytest

from tests.prove.documented import read_blocks

BLOCKS = read_blocks()
PROOF = Path(__file__).parents[1] / "prove" / "proof.py"
DEPLOY = Path(__file__).parents[2] / "deploy"


def test_every_block_is_run_by_the_proof_and_the_proof_runs_no_other() -> None:
    named = set(re.findall(r'"([a-z]+)"', "".join(re.findall(r"for name in \(.*?\):|_do\(.*?\)", PROOF.read_text()))))
    assert set(BLOCKS) == named


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_shell(name: str) -> None:
    done = subprocess.run(["bash", "-n"], input=BLOCKS[name], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_two_blocks_of_one_name_are_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh one\ntrue\n```\n\n```sh one\nfalse\n```\n")
    with pytest.raises(ValueError, match="two blocks"):
        read_blocks(page)


def test_the_package_has_every_unit_and_ends_what_starts_by_itself() -> None:
    units = {path.name for path in (DEPLOY / "systemd").iterdir()}
    assert set(runpy.run_path(str(DEPLOY / "debian/build.py"))["UNITS"]) == units
    ending = (DEPLOY / "debian/prerm").read_text()
    for unit in units:
        if "[Install]" in (DEPLOY / "systemd" / unit).read_text():
            assert unit.replace("@.", "@*.") in ending
