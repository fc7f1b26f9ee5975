"""What the schematrons do not see is named."""

from dataclasses import replace

import pytest

from miss.documents.cda import Fault, check_cda, compose_report, compose_request
from tests.miss.documents.structured import PDF, REPORT, REQUEST

GENUINE = compose_report(REPORT, PDF)
REAL = GENUINE.replace(b"1.2.250.1.213.1.4.10", b"1.2.250.1.213.1.4.8")
"""As for a patient of flesh and bone: keys are faults, not warnings."""
SECOND = compose_report(replace(REPORT, version=2), PDF)
ID = "recordTarget/patientRole/id"
TEXT = "component/nonXMLBody/text"
ACT = "documentationOf/serviceEvent/code"
AUTHOR = "author/assignedAuthor/id"
FORMER = b'<parentDocument><id root="1.2.250.1.213.1.1.1.39999.2026.417.1"/>'

FAULTS: dict[str, tuple[bytes, bytes, bytes, Fault]] = {
    "social-security number alone": (REAL, b".1.4.8", b".1.4.13", Fault("ins_oid", ID)),
    "unknown oid": (REAL, b".1.4.8", b".1.4.99", Fault("ins_oid", ID)),
    "key of the ins": (REAL, b"185075918304224", b"185075918304223", Fault("ins_key", ID)),
    "temporary number": (REAL, b"185075918304224", b"785075918304215", Fault("ins_oid_of_temporary", ID)),
    "two ins": (
        REAL,
        b'<id root="1.2.250.1.213.1.4.8" extension="185075918304224"/>',
        b'<id root="1.2.250.1.213.1.4.8" extension="185075918304224"/>'
        b'<id root="1.2.250.1.213.1.4.9" extension="185075918304224"/>',
        Fault("ins_several", ID),
    ),
    "no birth place": (REAL, b">59183<", b"> <", Fault("trait_missing", "recordTarget/patientRole/patient/birthplace")),
    "rpps key": (REAL, b"899900000011", b"899900000012", Fault("ps_key", AUTHOR)),
    "rpps key in a test": (GENUINE, b"899900000011", b"899900000012", Fault("ps_key", AUTHOR, is_warning=True)),
    "finess key": (
        REAL, b"1599990009", b"1599990008",
        Fault("finess_key", "author/assignedAuthor/representedOrganization/id"),
    ),
    "oid": (REAL, b'<setId root="1.2', b'<setId root="1.02', Fault("oid_malformed", "setId")),
    "no set": (REAL, b"setId", b"setOf", Fault("set_id_missing", "setId")),
    "no version": (REAL, b'versionNumber value="1"', b"versionNumber", Fault("version_missing", "versionNumber")),
    "replaces nothing": (
        SECOND, b"RPLC", b"APND", Fault("replaces_nothing", "relatedDocument", is_warning=True),
    ),
    "version not raised": (
        SECOND, b'versionNumber value="2"', b'versionNumber value="1"',
        Fault("version_not_raised", "versionNumber"),
    ),
    "replaces itself": (
        SECOND, FORMER, FORMER.replace(b".417.1", b".417.2"),
        Fault("replaces_itself", "relatedDocument/parentDocument/id"),
    ),
    "act of no ngap": (REAL, b"1.2.250.1.215.300.3", b"1.2.3", Fault("act_system", ACT)),
    "act of 2026 in 2022": (
        compose_request(REQUEST), b"1.2.250.1.215.300.3\"", b"1.2.250.1.215.200.3.3\"", Fault("act_code", ACT),
    ),
    "no pdf": (REAL, b"application/pdf", b"image/jpeg", Fault("content_not_pdf", TEXT)),
    "no base64": (REAL, b'"B64">', b'"B64">*', Fault("content_not_base64", TEXT)),
    "template": (REAL, b"19376.1.2.20", b"19376.1.2.21", Fault("template_missing", "templateId")),
}  # fmt: skip


@pytest.mark.parametrize(("document", "before", "after", "fault"), FAULTS.values(), ids=FAULTS)
def test_each_fault_has_a_name_and_a_place(document: bytes, before: bytes, after: bytes, fault: Fault) -> None:
    assert before in document
    assert fault not in check_cda(document)
    assert fault in check_cda(document.replace(before, after, 1))


def test_a_pdf_beside_must_be_the_one_inside() -> None:
    assert check_cda(GENUINE, PDF) == ()
    assert check_cda(GENUINE, PDF + b"\n") == (Fault("pdf_differs", TEXT),)


def test_a_pdf_that_claims_no_archive_profile() -> None:
    assert check_cda(compose_report(REPORT, b"%PDF-1.4")) == (Fault("pdf_a_not_claimed", TEXT),)
