"""Imports of files are recorded, whatever becomes of them."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.imports.service import INTERRUPTED
from miss.directory.practitioners import Practitioners
from miss.directory.register.errors import ArchiveRefused, ExtractionUnknown, RegisterShrinks
from miss.directory.register.model import Kind, Progress
from miss.storage import Database
from tests.miss.directory.extractions import COLUMNS_2026, COLUMNS_WITHOUT_SKILLS, a_person, extraction
from tests.miss.directory.synthetic import Synthetic, rpps_of

REGISTER = Synthetic(30, adeli_share=0)


@pytest.fixture
def directory(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Practitioners:
    return Practitioners(db, clock, random_bytes)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The archive as it is published, in no helpful order."""
    path = tmp_path / "PS_LibreAcces.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("PS_LibreAcces_SavoirFaire_202611200000.txt", b"".join(REGISTER.skills()))
        archive.writestr("PS_LibreAcces_Dipl_AutExerc_202611200000.txt", b"".join(REGISTER.qualifications()))
        archive.writestr(
            "PS_LibreAcces_Personne_activite_202611200000.txt", b"".join(REGISTER.register(COLUMNS_WITHOUT_SKILLS))
        )
    return path


async def test_an_archive_and_a_text_in_one_go(directory: Practitioners, published: Path, tmp_path: Path) -> None:
    boxes = tmp_path / "Extraction_Correspondance_MSSante.txt"
    boxes.write_bytes(b"".join(REGISTER.mailboxes(share=1)))
    told: list[Progress] = []
    reports = await directory.imports.take_paths([boxes, published], tell=told.append)
    assert [report.kind for report in reports] == list(Kind)
    assert [report.new for report in reports] == [30, 0, 30, 30]
    assert {progress.name for progress in told} == {report.name for report in reports}
    assert all(0 < progress.read_bytes <= progress.total_bytes for progress in told)
    (run,) = await directory.imports.list_last()
    assert run.ended_at is not None
    assert (run.refusal, run.lines) == ("", sum(report.lines for report in reports))
    assert [(summary.kind, summary.new) for summary in run.summaries] == [
        ("register", 30),
        ("skills", 0),
        ("qualifications", 30),
        ("mailboxes", 30),
    ]
    assert reports[0].to_json()["rejected"] == ()


async def test_a_refusal_is_recorded_with_its_reason(directory: Practitioners, clock: MovableClock) -> None:
    lines = extraction(COLUMNS_2026, [a_person(rpps_of(number)) for number in range(10)])
    await directory.import_register(lines)
    with pytest.raises(RegisterShrinks) as caught:
        await directory.import_register(lines[:3])
    refused, taken = await directory.imports.list_last()
    assert refused.refusal == caught.value.sentence()
    assert refused.summaries == ()
    assert taken.refusal == ""
    assert await directory.imports.list_last(1) == [refused]


async def test_an_import_that_breaks_off_says_so(directory: Practitioners) -> None:
    def broken() -> Iterator[bytes]:
        yield extraction(COLUMNS_2026, [])[0]
        raise MemoryError

    with pytest.raises(MemoryError):
        await directory.import_register(broken())
    (run,) = await directory.imports.list_last()
    assert run.refusal == INTERRUPTED


async def test_files_that_are_none_are_refused_before_anything_is_read(
    directory: Practitioners, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("nothing|of|ours|\n")
    with pytest.raises(ExtractionUnknown):
        await directory.imports.take_paths([tmp_path / "a.txt"])
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.txt", b"0" * 20_000_000)
    with pytest.raises(ArchiveRefused):
        await directory.imports.take_paths([tmp_path / "bomb.zip"])
    assert await directory.imports.list_last() == []
