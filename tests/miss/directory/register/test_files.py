"""Files as they come: text, archives, bombs."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.directory.register import files
from miss.directory.register.errors import ArchiveRefused, ExtractionMissing, ExtractionUnknown
from miss.directory.register.files import Source, kind_of, list_sources
from miss.directory.register.model import Kind
from tests.miss.directory.extractions import (
    COLUMNS_2021,
    COLUMNS_2026,
    COLUMNS_WITHOUT_SKILLS,
    MAILBOX_COLUMNS,
    PAUL,
    QUALIFICATION_COLUMNS,
    SKILL_COLUMNS,
    extraction,
)

KINDS = [
    (COLUMNS_2021, Kind.REGISTER),
    (COLUMNS_2026, Kind.REGISTER),
    (COLUMNS_WITHOUT_SKILLS, Kind.REGISTER),
    (SKILL_COLUMNS, Kind.SKILLS),
    (QUALIFICATION_COLUMNS, Kind.QUALIFICATIONS),
    (MAILBOX_COLUMNS, Kind.MAILBOXES),
]


def text(columns: tuple[str, ...]) -> bytes:
    return b"".join(extraction(columns, [PAUL] * 3))


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return path


def content(source: Source) -> bytes:
    with source.chunks() as chunks:
        return b"".join(chunks)


@pytest.mark.parametrize(("columns", "kind"), KINDS)
def test_a_file_is_known_by_its_header(tmp_path: Path, columns: tuple[str, ...], kind: Kind) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(text(columns))
    (source,) = list_sources(path)
    assert kind_of(source) is kind
    assert content(source) == text(columns)
    assert source.size_bytes == len(text(columns))


def test_an_archive_holds_several(tmp_path: Path) -> None:
    members = {f"sub/{number}.txt": text(columns) for number, (columns, _) in enumerate(KINDS)}
    sources = list_sources(archive(tmp_path / "PS_LibreAcces.zip", members | {"readme.pdf": b"?"}))
    assert [source.name for source in sources] == [f"{number}.txt" for number in range(len(KINDS))]
    assert [kind_of(source) for source in sources] == [kind for _, kind in KINDS]
    assert [content(source) for source in sources] == [text(columns) for columns, _ in KINDS]


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("a|b|c|\n")
    with pytest.raises(ExtractionUnknown):
        kind_of(*list_sources(tmp_path / "x.txt"))
    for missing in (tmp_path / "nothing.txt", tmp_path):
        with pytest.raises(ExtractionMissing):
            kind_of(*list_sources(missing))


def test_a_bomb_is_refused_by_what_it_announces(tmp_path: Path) -> None:
    bomb = archive(tmp_path / "bomb.zip", {"x.txt": b"0" * 10_000_000})
    with pytest.raises(ArchiveRefused) as caught:
        list_sources(bomb)
    assert "démesuré" in caught.value.sentence()


def test_a_bomb_that_lies_is_refused_by_what_comes_out(tmp_path: Path) -> None:
    bomb = archive(tmp_path / "bomb.zip", {"x.txt": b"0" * 10_000_000})
    with pytest.raises(ArchiveRefused):
        content(Source("x.txt", bomb, 100, "x.txt"))


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "x.zip", {"x.txt": text(COLUMNS_2026)})
    monkeypatch.setattr(files, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(ArchiveRefused):
        list_sources(path)


def _broken(whole: bytes) -> Iterator[bytes]:
    yield whole[: len(whole) // 2]
    middle = len(whole) // 3
    yield whole[:middle] + b"\xff" * 20 + whole[middle + 20 :]


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "x.zip", {"x.txt": text(COLUMNS_2026) * 40})
    whole = path.read_bytes()
    for bad in _broken(whole):
        path.write_bytes(bad)
        with pytest.raises((ArchiveRefused, ExtractionUnknown)):
            for source in list_sources(path):
                kind_of(source)
                content(source)


def test_an_archive_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused):
        list_sources(archive(tmp_path / "x.zip", {"x.pdf": b"?"}))
