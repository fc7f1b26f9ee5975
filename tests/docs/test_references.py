"""What the documents cite exists: sections, decisions, files, settings, paths."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.server.settings import Settings
from teleexpertise.settings import TeleexpertiseSettings
from tests.docs.tree import ROOT, markdown, names_of, read, texts

PROTOCOL = ROOT / "docs/protocol.md"
PATHS_ARE_TRUE_IN = (
    "docs/standards.md",
    "docs/ARCHITECTURE.md",
    "docs/glossary.md",
    "docs/operations.md",
    "docs/security.md",
    "docs/threat-model.md",
    "SECURITY.md",
)
LINKED = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "forms/README.md", "miss/client/README.md")
SETTINGS_ARE_TRUE_IN = ("docs/operations.md", "compose.yaml", ".env.example")
READ_BEFORE_SETTINGS = {"MISS_ENV_FILE"}
"""Says where settings are, so it is none of them."""

_PROTOCOL = re.compile(r"protocol(?:\.md\S*)? (§[0-9][0-9§,\s–-]*)")
_SECTION = re.compile(r"§([0-9]+)")
_DECISION = re.compile(r"\bADR ([0-9]+)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TICKED = re.compile(r"`([^`\s]+)`")
_PATH = re.compile(r"[A-Za-z.][\w.<>*{},-]*(?:/[\w.<>*{},-]+)*/?")
_SETTING = re.compile(r"\b(?:MISS|TELEEXPERTISE)_[A-Z_]*[A-Z]\b")


def test_every_section_of_the_protocol_that_is_cited_exists() -> None:
    sections = set(re.findall(r"^## §([0-9]+)", read(PROTOCOL), re.MULTILINE))
    cited = [(path, number) for path in texts() for number in _cited_sections(path)]
    assert len(cited) > 100, "the citations are found"
    assert [f"{path}: §{number}" for path, number in cited if number not in sections] == []


def _cited_sections(path: Path) -> Iterator[str]:
    text = read(path)
    if path == PROTOCOL:
        yield from _SECTION.findall(text)
    for citation in _PROTOCOL.finditer(text):
        yield from _SECTION.findall(citation[1])


@pytest.mark.parametrize("document", ["teleexpertise", "security"])
def test_every_section_of_the_other_rules_that_is_cited_exists(document: str) -> None:
    sections = set(re.findall(r"^## §([0-9]+)", read(ROOT / f"docs/{document}.md"), re.MULTILINE))
    cited = [(path, number) for path in texts() for number in re.findall(rf"\b{document}\.md §([0-9]+)", read(path))]
    assert cited, "the citations are found"
    assert [f"{path}: §{number}" for path, number in cited if number not in sections] == []


def test_every_decision_that_is_cited_exists() -> None:
    known = {int(path.name[:4]) for path in (ROOT / "docs/adr").glob("*.md")}
    cited = [(path, int(number)) for path in texts() for number in _DECISION.findall(read(path))]
    assert [f"{path}: ADR {number}" for path, number in cited if number not in known] == []


def test_links_lead_to_files_that_exist() -> None:
    pages = [ROOT / name for name in LINKED] + markdown(ROOT / "docs")
    dead = []
    for page in pages:
        for target in _LINK.findall(read(page)):
            file = target.partition("#")[0]
            if "://" not in target and file and not (page.parent / file).exists():
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert dead == []


@pytest.mark.parametrize("name", PATHS_ARE_TRUE_IN)
def test_paths_between_backticks_exist(name: str) -> None:
    paths = [path for path in _TICKED.findall(read(ROOT / name)) if _is_path(path)]
    assert [path for path in paths if not _stands(path)] == []


def _is_path(text: str) -> bool:
    """A path from the root of the repository: `data/…` of a deployment, media types and URLs are none."""
    return _PATH.fullmatch(text) is not None and "/" in text and text.partition("/")[0] in names_of(ROOT)


def _stands(path: str) -> bool:
    """`<form>` stands for any name, `{a,b}` for each of its words."""
    if words := re.search(r"\{([^}]+)\}", path):
        return all(_stands(path.replace(words[0], word)) for word in words[1].split(","))
    return any(ROOT.glob(re.sub(r"<\w+>", "*", path).rstrip("/")))


@pytest.mark.parametrize("name", SETTINGS_ARE_TRUE_IN)
def test_settings_that_are_named_exist(name: str) -> None:
    known = {f"MISS_{field.upper()}" for field in Settings.model_fields} | READ_BEFORE_SETTINGS
    known |= {f"TELEEXPERTISE_{field.upper()}" for field in TeleexpertiseSettings.model_fields}
    assert set(_SETTING.findall(read(ROOT / name))) - known == set()


def test_nothing_refers_to_a_place_outside_the_repository() -> None:
    outside = ("../" + "shared", "/" + "work/")
    assert [f"{path}: {place}" for path in texts() for place in outside if place in read(path)] == []
