"""Archives written, read back, and read from others."""

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from lxml import etree

from miss.documents.cda import Identifier, compose_report, compose_request, parse_cda
from miss.documents.errors import LetterIncomplete, XmlRefused
from miss.documents.letter import Letter
from miss.documents.nomenclatures.acts import Volet
from miss.documents.xdm import (
    DocumentEntry,
    Finding,
    FindingKind,
    compose_archive,
    entry_of,
    pack,
    parse_archive,
)
from miss.documents.xdm.entry import entry_uuid
from miss.documents.xdm.errors import ArchiveRefused, MetadataRefused
from tests.miss.documents.structured import CHANGES, PDF, REPORT, REQUEST, SUBMISSION, UNKNOWN, full_letters

CDA = compose_report(REPORT, PDF)
ARCHIVE = compose_archive(REPORT, CDA, SUBMISSION)
SECOND = replace(REPORT, version=2, replaces="TE26000417.1")
CORRECTED = compose_archive(SECOND, compose_report(SECOND, PDF), replace(SUBMISSION, unique_id=f"{REPORT.set_id}.2.9"))
METADATA = "IHE_XDM/SUBSET01/METADATA.XML"
DOCUMENT = "IHE_XDM/SUBSET01/DOC00001.XML"


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_four_files_by_the_names_of_the_profile() -> None:
    files = files_of(ARCHIVE)
    assert list(files) == ["README.TXT", "INDEX.HTM", METADATA, DOCUMENT]
    assert files[DOCUMENT] == CDA
    assert b'href="IHE_XDM/SUBSET01/DOC00001.XML"' in files["INDEX.HTM"]
    assert not any(name in files["INDEX.HTM"] + files["README.TXT"] for name in (b"FICTIF", b"MODELE"))
    etree.fromstring(files["INDEX.HTM"])


def test_the_same_input_gives_the_same_bytes() -> None:
    assert compose_archive(REPORT, CDA, SUBMISSION) == ARCHIVE
    later = replace(SUBMISSION, submitted_at=REPORT.written_at or SUBMISSION.submitted_at)
    assert compose_archive(REPORT, CDA, later) != ARCHIVE


def test_what_was_written_is_read_back() -> None:
    archive = parse_archive(ARCHIVE)
    assert archive.findings == ()
    assert archive.is_sound
    (document,) = archive.documents
    assert (document.path, document.content) == (DOCUMENT, CDA)
    assert document.entry == entry_of(REPORT, CDA, "DOC00001.XML")


def test_metadata_say_what_the_header_says() -> None:
    entry = parse_archive(ARCHIVE).documents[0].entry
    header = parse_cda(CDA)
    assert entry.unique_id == header.id.root
    assert (entry.title, entry.type) == (header.title, header.code)
    assert entry.acts == (header.act,)
    assert (entry.created_at, entry.service_start) == (header.written_at, header.service_start)
    assert entry.patient_id == "185075918304224^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert entry.hash == hashlib.sha1(CDA, usedforsecurity=False).hexdigest()
    assert entry.size_bytes == len(CDA)
    assert entry.format is not None
    assert entry.format.code == "urn:ihe:iti:xds-sd:pdf:2008"
    assert entry.author_person == "899900000011^MODELE^Anne^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"


def test_times_travel_in_utc() -> None:
    assert b"<Value>20261120091500</Value>" in files_of(ARCHIVE)[METADATA]


def test_every_object_is_classified_and_joined() -> None:
    root = etree.fromstring(files_of(ARCHIVE)[METADATA])
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    (member,) = root.iter("{*}Association")
    assert {member.get("sourceObject"), member.get("targetObject")} <= set(ids)
    owners = {one.get("classifiedObject") or one.get("registryObject") for one in root.iter()} - {None}
    assert owners == {member.get("sourceObject"), member.get("targetObject")}


def test_a_correction_replaces_the_entry_of_the_version_before() -> None:
    first, second = (etree.fromstring(files_of(one)[METADATA]) for one in (ARCHIVE, CORRECTED))
    (former,), (document,) = (list(root.iter("{*}ExtrinsicObject")) for root in (first, second))
    links = {one.get("associationType"): one for one in second.iter("{*}Association")}
    assert len(list(first.iter("{*}Association"))) == 1
    replacing = links["urn:ihe:iti:2007:AssociationType:RPLC"]
    assert (replacing.get("sourceObject"), replacing.get("targetObject")) == (document.get("id"), former.get("id"))
    ids = [one.get("id") for one in second.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert [one.get("status", "").rpartition(":")[2] for one in second.iter("{*}ExtrinsicObject")] == ["Approved"]
    (read,) = parse_archive(CORRECTED).documents
    assert read.entry.replaces == former.get("id") == entry_uuid(f"{REPORT.set_id}.1")
    assert parse_cda(read.content).replaces == Identifier(f"{REPORT.set_id}.1")


def test_a_correction_whose_metadata_do_not_say_so() -> None:
    files = files_of(CORRECTED)
    files[METADATA] = files[METADATA].replace(b"AssociationType:RPLC", b"AssociationType:APND")
    archive = parse_archive(zipped(files))
    assert archive.findings == (Finding(FindingKind.REPLACEMENT_NOT_SAID, DOCUMENT),)
    assert archive.is_sound


def test_a_request_of_2022_travels_under_its_own_codes() -> None:
    cda = compose_request(REQUEST, Volet.V2022)
    archive = parse_archive(compose_archive(REQUEST, cda, SUBMISSION, Volet.V2022))
    assert archive.findings == ()
    assert archive.documents[0].entry.acts == (parse_cda(cda).act,)


@pytest.mark.parametrize("name", CHANGES)
def test_every_variant_is_sound(name: str) -> None:
    letter = replace(REPORT, **CHANGES[name])
    assert parse_archive(compose_archive(letter, compose_report(letter, PDF), SUBMISSION)).findings == ()


def test_an_unqualified_identity_is_the_dossier_s_number() -> None:
    letter = replace(REPORT, patient=UNKNOWN)
    entry = parse_archive(compose_archive(letter, compose_report(letter, PDF), SUBMISSION)).documents[0].entry
    assert entry.patient_id == f"TE26000417^^^&{REPORT.set_id}&ISO^PI"


def test_a_type_that_has_no_metadata_is_refused() -> None:
    with pytest.raises(LetterIncomplete):
        compose_archive(replace(REPORT, code="11488-4"), CDA, SUBMISSION)


@settings(max_examples=15, deadline=None)
@given(letter=full_letters())
def test_any_letter_comes_back(letter: Letter) -> None:
    cda = compose_report(letter, PDF)
    archive = parse_archive(compose_archive(letter, cda, SUBMISSION))
    assert archive.findings == ()
    assert archive.documents[0].entry == entry_of(letter, cda, "DOC00001.XML")


# What others write


def found_in(files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    return parse_archive(zipped(files)).findings


def renamed(before: str, after: str) -> dict[str, bytes]:
    return {name.replace(before, after): content for name, content in files_of(ARCHIVE).items()}


def changed(before: bytes, after: bytes) -> dict[str, bytes]:
    """With metadata that say something else."""
    files = files_of(ARCHIVE)
    assert before in files[METADATA]
    return files | {METADATA: files[METADATA].replace(before, after)}


def test_names_in_other_capitals() -> None:
    files = {name.lower(): content for name, content in files_of(ARCHIVE).items()}
    assert found_in(files) == (Finding(FindingKind.NAME_CASE, DOCUMENT.lower()),)


def test_a_backslash_is_a_slash() -> None:
    assert found_in(renamed("/", "\\")) == ()


def test_the_uri_is_followed_not_the_name() -> None:
    files = files_of(zipped(changed(b"DOC00001.XML", b"DOC%30001.XML")))
    files["IHE_XDM/SUBSET01/DOC0001.XML"] = files.pop(DOCUMENT)
    assert found_in(files) == ()


def test_a_file_that_no_uri_names_is_found_by_its_hash() -> None:
    files = changed(b"DOC00001.XML", b"ABSENT.XML") | {"IHE_XDM/SUBSET01/CDA.XSL": b"<a/>"}
    assert found_in(files) == (
        Finding(FindingKind.BY_HASH, DOCUMENT),
        Finding(FindingKind.NOT_LISTED, "IHE_XDM/SUBSET01/CDA.XSL"),
    )


def test_the_only_file_is_taken_and_its_hash_is_wrong() -> None:
    files = changed(b"DOC00001.XML", b"") | {DOCUMENT: CDA.replace(b"DUNKERQUE", b"DUNKIRK--")}
    assert found_in(files) == (
        Finding(FindingKind.ONLY_FILE, DOCUMENT),
        Finding(FindingKind.HASH_DIFFERS, DOCUMENT),
    )


def test_a_missing_document() -> None:
    files = changed(b"DOC00001.XML", b"OTHER.XML")
    del files[DOCUMENT]
    archive = parse_archive(zipped(files))
    assert archive.documents == ()
    assert archive.findings == (Finding(FindingKind.FILE_MISSING, "IHE_XDM/SUBSET01/OTHER.XML"),)
    assert not archive.is_sound


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (f"<Value>{len(CDA)}</Value>".encode(), b"<Value>12</Value>", FindingKind.SIZE_DIFFERS),
        (f'value="{REPORT.set_id}.1"'.encode(), b'value="1.2.3"', FindingKind.ID_DIFFERS),
        (b'value="185075918304224', b'value="279035121518989', FindingKind.PATIENT_DIFFERS),
    ],
)
def test_metadata_that_contradict_the_document(before: bytes, after: bytes, kind: FindingKind) -> None:
    assert found_in(changed(before, after)) == (Finding(kind, DOCUMENT),)


def test_a_document_that_is_none() -> None:
    files = files_of(ARCHIVE)
    kinds = [finding.kind for finding in found_in(files | {DOCUMENT: b"<a/>"})]
    assert kinds == [FindingKind.HASH_DIFFERS, FindingKind.SIZE_DIFFERS, FindingKind.NOT_READABLE]


def test_several_subsets_and_two_patients() -> None:
    other = replace(REPORT, patient=UNKNOWN, set_id="1.2.3")
    second = files_of(compose_archive(other, compose_report(other, PDF), SUBMISSION))
    files = files_of(ARCHIVE) | {name.replace("SUBSET01", "SUBSET02"): content for name, content in second.items()}
    archive = parse_archive(zipped(files))
    assert [document.path for document in archive.documents] == [DOCUMENT, DOCUMENT.replace("01/", "02/")]
    assert archive.findings == (Finding(FindingKind.SEVERAL_PATIENTS, METADATA),)


def test_two_documents_of_one_patient() -> None:
    second = replace(REPORT, version=2)
    cda = compose_report(second, PDF)
    entries: list[tuple[DocumentEntry, bytes]] = [
        (entry_of(REPORT, CDA, "DOC00001.XML"), CDA),
        (entry_of(second, cda, "DOC00002.XML"), cda),
    ]
    archive = parse_archive(pack(entries, SUBMISSION))
    assert archive.findings == ()
    assert [document.entry.unique_id[-2:] for document in archive.documents] == [".1", ".2"]


def test_metadata_without_documents() -> None:
    with pytest.raises(MetadataRefused):
        parse_archive(zipped({"METADATA.XML": b"<a/>"}))


def test_metadata_that_are_hostile() -> None:
    with pytest.raises(XmlRefused):
        parse_archive(zipped({"METADATA.XML": b"<!DOCTYPE a><a/>"}))


def test_an_archive_without_metadata() -> None:
    with pytest.raises(ArchiveRefused) as refused:
        parse_archive(zipped({"DOC00001.XML": CDA}))
    assert refused.value.params["reason"] == "no_metadata"
