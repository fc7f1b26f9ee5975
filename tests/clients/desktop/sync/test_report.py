"""An answer for the practice's software: composed from the Bundle, written once, taken when its file is gone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clients.desktop.store.desk import Desk
from clients.desktop.sync.report import NotExported, hand_over, note_taken, report_of
from miss.documents.fhir import compose_bundle
from miss.documents.hprim import parse_hprim
from tests.miss.documents.fhir.test_bundle import ADVICE, ANSWERED, ASKED
from tests.miss.documents.hprim.readers import READERS

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def test_five_readers_file_it() -> None:
    report = report_of(compose_bundle(ANSWERED))
    assert report is not None
    assert report.file_name == "TE26000417.1.hpr"
    for name, accepts in READERS.items():
        assert accepts(report.content), name
    text = report.content.decode("iso-8859-1")
    assert "Surveillance." in text
    assert "CABINET FICTIF - Dr Paul EXEMPLE" in text
    assert parse_hprim(report.content) is not None


def test_without_an_answer_there_is_nothing() -> None:
    assert report_of(compose_bundle(ASKED)) is None


def test_without_a_patient_it_is_refused_by_number() -> None:
    with pytest.raises(NotExported) as refused:
        report_of(compose_bundle(replace(ANSWERED, patient=None)))
    assert refused.value.params["number"] == "TE26000417"


def test_each_version_once_and_the_trace_of_its_taking(tmp_path: Path) -> None:
    desk, folder = Desk(tmp_path / "desk.db", b"k" * 32), tmp_path / "hprim"
    folder.mkdir()
    first = report_of(compose_bundle(ANSWERED))
    corrected = report_of(compose_bundle(replace(ANSWERED, advice=replace(ADVICE, version=2))))
    assert first is not None
    assert corrected is not None
    assert hand_over(first, folder, desk, NOW)
    assert not hand_over(first, folder, desk, NOW)
    assert [one.name for one in folder.iterdir()] == ["TE26000417.1.hpr"], "whole, and nothing beside it"
    assert note_taken(folder, desk, NOW) == []
    (folder / "TE26000417.1.hpr").unlink()
    assert note_taken(folder, desk, NOW) == ["TE26000417"]
    assert note_taken(folder, desk, NOW) == []
    assert not hand_over(first, folder, desk, NOW), "taken is not forgotten"
    assert hand_over(corrected, folder, desk, NOW)
    desk.close()


def test_a_folder_that_is_away_takes_nothing_and_is_named(tmp_path: Path) -> None:
    desk, folder = Desk(tmp_path / "desk.db", b"k" * 32), tmp_path / "share"
    report = report_of(compose_bundle(ANSWERED))
    assert report is not None
    with pytest.raises(NotExported):
        hand_over(report, folder, desk, NOW)
    folder.mkdir()
    assert hand_over(report, folder, desk, NOW)
    folder.rename(tmp_path / "away")
    assert note_taken(folder, desk, NOW) == []
    desk.close()
