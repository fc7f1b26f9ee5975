"""The archive: the manifest vouches for every file, and what it does not name is not there."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from miss.server.reversibility.archive import MANIFEST, SIGNATURE, Archive, ArchiveWriter, File, is_safe
from miss.server.reversibility.errors import ArchiveFaulty

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def archive_of(**files: bytes) -> bytes:
    target = io.BytesIO()
    writer = ArchiveWriter(target)
    for name, content in files.items():
        writer.add(File(f"dossier/{name}", content, "text/plain"))
    writer.finish("F1", "CH fictif", "MiSS", NOW, lambda content, at: b"{}")
    return target.getvalue()


def changed(content: bytes, path: str, instead: bytes | None, *, of: str = "") -> io.BytesIO:
    """The same with one file other, gone, or under another name."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            if name != path:
                archive.writestr(name, source.read(name))
            elif instead is not None:
                archive.writestr(of or name, instead)
    return target


def test_an_archive_says_what_is_in_it() -> None:
    archive = Archive(io.BytesIO(archive_of(a=b"un", b=b"")))
    assert archive.paths == ["dossier/a", "dossier/b"]
    assert (archive.manifest.name, archive.manifest.made_at) == ("CH fictif", NOW)
    assert archive.read("dossier/a") == b"un"
    assert archive_of(a=b"un") == archive_of(a=b"un"), "the same files are the same bytes"


@pytest.mark.parametrize(
    ("path", "instead", "of"),
    [
        ("dossier/a", b"deux", ""),
        ("dossier/a", None, ""),
        ("dossier/a", b"un", "dossier/c"),
        (MANIFEST, None, ""),
        (MANIFEST, b"[]", ""),
        (SIGNATURE, None, ""),
    ],
)
def test_a_file_that_is_not_as_it_was_is_found(path: str, instead: bytes | None, of: str) -> None:
    with pytest.raises(ArchiveFaulty):
        Archive(changed(archive_of(a=b"un", b=b""), path, instead, of=of))


def test_a_file_that_the_manifest_does_not_name_is_found() -> None:
    content = io.BytesIO(archive_of(a=b"un"))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("de-plus", b"")
    with pytest.raises(ArchiveFaulty):
        Archive(content)


def test_a_manifest_that_names_a_path_outside_is_refused() -> None:
    content = archive_of(a=b"un")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        said = json.loads(archive.read(MANIFEST))
    said["files"][0]["path"] = "../a"
    moved = changed(content, MANIFEST, json.dumps(said).encode())
    with pytest.raises(ArchiveFaulty):
        Archive(changed(moved.getvalue(), "dossier/a", b"un", of="../a"))


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(ArchiveFaulty):
        Archive(io.BytesIO(b"rien"))


@pytest.mark.parametrize("path", ["", "/a", "../a", "a/../b", "a//b", "a\\b", "C:a", "a\nb", "a/", "./a", MANIFEST])
def test_unsafe_paths(path: str) -> None:
    assert not is_safe(path)
    with pytest.raises(ValueError):
        ArchiveWriter(io.BytesIO()).add(File(path, b"", "text/plain"))


def test_a_path_is_given_once() -> None:
    writer = ArchiveWriter(io.BytesIO())
    writer.add(File("a", b"", "text/plain"))
    with pytest.raises(ValueError):
        writer.add(File("a", b"", "text/plain"))
