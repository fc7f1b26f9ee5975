"""What an IT department imposes."""

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from clients.desktop.policy import (
    REGISTRY_KEY,
    Policy,
    PolicyRefused,
    parse_policy,
    policy_path,
    read_policy,
    registry_values,
)
from clients.desktop.state.model import NoticeLevel, Settings


def test_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(
        '{"server_url": "https://miss.example", "shared_workstation": true, "lock_after_min_max": 3,'
        ' "notice_level_max": "nothing", "report_folder": "/srv/hprim", "allow_export": false}'
    )
    policy = read_policy(path)
    chosen = Settings(lock_after_min=30, notices=NoticeLevel.NAME_AND_TEXT, report_folder="/tmp")
    assert policy.impose(chosen) == Settings(lock_after_min=3, notices=NoticeLevel.NOTHING, report_folder="/srv/hprim")
    assert policy.shared_workstation
    assert not policy.allow_export


def test_no_file_imposes_nothing(tmp_path: Path) -> None:
    assert read_policy(tmp_path / "none.json") == Policy()
    assert Policy().impose(replace(Settings(), lock_after_min=60)).lock_after_min == 60


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"kioks": true}', '{"kiosk": 1}', '{"lock_after_min_max": -1}', '{"notice_level_max": "loud"}',
     '{"impose": true}', '{"server_url": null}', '{"global_key": "Ctrl+C"}', '{"global_key": false}'],
)  # fmt: skip
def test_what_cannot_be_followed_is_refused(text: str) -> None:
    with pytest.raises(PolicyRefused):
        parse_policy(text)


def test_a_global_key_is_imposed_or_forbidden() -> None:
    chosen = Settings(global_key="Ctrl+Alt+M")
    assert Policy().impose(chosen) == chosen
    assert parse_policy('{"global_key": "Meta+F9"}').impose(chosen).global_key == "Meta+F9"
    assert parse_policy('{"global_key": "none"}').impose(chosen).global_key == ""


def test_no_variable_names_another_file() -> None:
    variables = {"MISS_DESKTOP_POLICY": "/tmp/mine.json", "PROGRAMDATA": "C:\\ProgramData"}
    assert policy_path(variables, "linux") == Path("/etc/miss/policy.json")
    assert "MiSS" in str(policy_path(variables, "win32"))
    assert str(policy_path(variables, "darwin")).startswith("/Library")


ROOT = Path(__file__).parents[3]
NAMES = {one.name for one in fields(Policy)}


def written_in_the_registry() -> dict[str, object]:
    """What `reg import` would make of the example."""
    lines = (ROOT / "deploy/desktop/policy.reg").read_text().splitlines()
    assert f"[HKEY_LOCAL_MACHINE\\{REGISTRY_KEY}]" in lines
    found = [re.fullmatch(r'"(\w+)"=(?:dword:([0-9a-f]{8})|"(.*)")', line) for line in lines if line.startswith('"')]
    return {one[1]: int(one[2], 16) if one[2] else one[3] for one in found if one}


def test_the_examples_say_every_key_and_the_same(tmp_path: Path) -> None:
    text = (ROOT / "deploy/desktop/policy.json").read_text()
    registry = written_in_the_registry()
    assert set(json.loads(text)) == set(registry) == NAMES
    assert read_policy(tmp_path / "none.json", registry) == parse_policy(text) != Policy()


def test_the_registry_comes_before_the_file_and_is_as_strict() -> None:
    both = parse_policy('{"kiosk": false, "server_url": "https://a.example"}', {"kiosk": 1, "lock_after_min_max": 1})
    assert both == Policy(kiosk=True, server_url="https://a.example", lock_after_min_max=1)
    for wrong in ({"kiosk": 2}, {"kioks": 1}, {"server_url": 1}, {"lock_after_min_max": "5"}):
        with pytest.raises(PolicyRefused):
            parse_policy("{}", wrong)
    assert registry_values() == {}, "other systems than Windows have none"


def test_the_page_for_it_says_every_key() -> None:
    page = (ROOT / "docs/desktop-it.md").read_text()
    table = page.partition("## Settings you impose")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == NAMES


def test_an_establishments_limit_and_the_machines_hold_together() -> None:
    for machine, establishment, held in ((0, None, 0), (0, 2, 2), (5, None, 5), (5, 2, 2), (3, 10, 3)):
        assert Policy(lock_after_min_max=machine).under(establishment).lock_after_min_max == held
