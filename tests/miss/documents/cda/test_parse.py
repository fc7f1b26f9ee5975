"""Documents of others, and documents that mean harm."""

from datetime import date

import pytest

from miss.base.errors import MissError
from miss.documents.cda import compose_report, parse_cda
from miss.documents.cda.errors import CdaContentRefused, NotCda
from miss.documents.cda.parse import parse_instant
from miss.documents.errors import XmlRefused
from tests.miss.documents.structured import PDF, REPORT

GENUINE = compose_report(REPORT, PDF)
HEAD = '<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3">'
FOREIGN = b"""<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="http://attacker.example/x.xsl"?>
<c:ClinicalDocument xmlns:c="urn:hl7-org:v3"><!-- from elsewhere -->
<c:id root="2.16.840.1.113883.3.1" extension="42"/><c:code code="11488-4" codeSystem="2.16.840.1.113883.6.1"/>
<c:title>Compte  rendu</c:title><c:effectiveTime value="20260101"/><c:versionNumber value="x"/>
<c:recordTarget><c:patientRole><c:id nullFlavor="UNK"/><c:addr><c:houseNumber>1</c:houseNumber>
<c:streetName>Rue Fictive</c:streetName></c:addr><c:patient>
<c:name><c:family>FICTIF</c:family><c:given>BASTIEN</c:given></c:name>
<c:birthTime value="19850714000000+0100"/></c:patient></c:patientRole></c:recordTarget>
<c:component><c:structuredBody><c:component><c:section><c:title>Examens</c:title><c:text>
  <c:table><c:thead><c:tr><c:th>Date</c:th><c:th>Valeur</c:th></c:tr></c:thead>
  <c:tbody><c:tr><c:td>01/01</c:td><c:td>12</c:td></c:tr></c:tbody></c:table>
  <c:list><c:item>un</c:item><c:item>deux<c:br/>trois</c:item></c:list>fin
  </c:text></c:section></c:component></c:structuredBody></c:component></c:ClinicalDocument>"""


def test_a_foreign_document_is_read_as_it_stands() -> None:
    document = parse_cda(FOREIGN)
    assert (document.id.root, document.id.extension) == ("2.16.840.1.113883.3.1", "42")
    assert document.title == "Compte  rendu"
    assert (document.written_at, document.version, document.set_id) == (None, None, None)
    assert document.patient.identifiers == ()
    assert document.patient.ins is None
    assert (document.patient.birth_family_name, document.patient.first_given_name) == ("FICTIF", "BASTIEN")
    assert document.patient.birth_date == date(1985, 7, 14)
    assert document.patient.address_lines == ("1 Rue Fictive",)
    assert document.sections[0].paragraphs == ("Date | Valeur", "01/01 | 12", "un", "deux\ntrois", "fin")


def _with(before: bytes, after: bytes) -> bytes:
    assert before in GENUINE
    return GENUINE.replace(before, after, 1)


BOMB = '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
REFUSED = {
    "entity": (f"{BOMB}{HEAD[38:]}&b;</ClinicalDocument>".encode(), "doctype"),
    "external": (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "doctype"),
    "declared utf-16": (GENUINE.replace(b"UTF-8", b"UTF-16", 1), "encoding"),
    "utf-16": (GENUINE.decode().encode("utf-16"), "encoding"),
    "utf-16 without mark": (GENUINE.decode().replace("UTF-8", "UTF-16").encode("utf-16-le"), "encoding"),
    "utf-7": (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "encoding"),
    "ebcdic": (GENUINE.decode().encode("cp500", "replace"), "encoding"),
    "empty": (b"", "encoding"),
    "ten thousand deep": (HEAD.encode() + b"<component>" * 10_000, "depth"),
    "two hundred thousand elements": (HEAD.encode() + b"<a/>" * 200_001, "markup"),
    "as many attributes": (HEAD.encode() + b"<a " + b"b='' " * 200_001, "markup"),
    "cut": (GENUINE[:-40], "syntax"),
    "undeclared entity": (HEAD.encode() + b"&x;</ClinicalDocument>", "syntax"),
    "too long": (HEAD.encode() + b" " * (16 * 1024 * 1024), "size"),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_could_harm_is_refused_by_name(data: bytes, reason: str) -> None:
    with pytest.raises(XmlRefused) as refused:
        parse_cda(data)
    assert refused.value.params["reason"] == reason


def test_nothing_of_the_document_is_in_the_refusal() -> None:
    with pytest.raises(XmlRefused) as refused:
        parse_cda(HEAD.encode() + b"<title>FICTIF BASTIEN</titel>")
    chain = [refused.value, refused.value.__cause__]
    assert not any("FICTIF" in str(error) or "titel" in str(error) for error in chain if error is not None)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"<a/>", "ClinicalDocument"),
        (b"<ClinicalDocument/>", "ClinicalDocument"),
        (_with(b"<id root=", b"<id nullFlavor='UNK' rot="), "id"),
        (_with(b'<code code="85208-7"', b'<code cod="85208-7"'), "code"),
    ],
)
def test_xml_that_is_no_document(data: bytes, field: str) -> None:
    with pytest.raises(NotCda) as refused:
        parse_cda(data)
    assert refused.value.params["field"] == field


def test_base64_that_is_none_is_refused() -> None:
    with pytest.raises(CdaContentRefused):
        parse_cda(_with(b'representation="B64">', b'representation="B64">*'))


def test_a_wrong_key_is_shown_as_no_number() -> None:
    data = GENUINE.replace(b"899900000011", b"899900000012").replace(b"1599990009", b"1599990008")
    document = parse_cda(data)
    assert (document.author.rpps, document.author.finess, document.author.family_name) == (None, None, "MODELE")


@pytest.mark.parametrize(
    "text", ["", "2026", "20261120", "20261120101500", "20261320101500+0100", "20261120101500+9900", "x"]
)
def test_an_hour_without_zone_is_none(text: str) -> None:
    assert parse_instant(text) is None


def test_ten_thousand_sections_are_cut_at_five_hundred() -> None:
    section = "<component><section><title>T</title><text>t</text></section></component>"
    body = f"<component><structuredBody>{section * 10_000}</structuredBody></component>"
    data = f'{HEAD}<id root="1.2"/><code code="1"/>{body}</ClinicalDocument>'.encode()
    assert len(parse_cda(data).sections) == 500


def test_only_our_own_errors_leave() -> None:
    for cut in range(0, len(GENUINE), 97):
        try:
            parse_cda(GENUINE[:cut] + GENUINE[cut + 11 :])
        except MissError:
            continue
