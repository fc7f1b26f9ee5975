"""Skills, diplomas and authorisations."""

from miss.directory.register.extraction import Extraction
from miss.directory.register.remarks import Findings, LineRemark, Reason
from miss.directory.register.skills import QualificationLine, SkillLine, read_qualifications, read_skills
from tests.miss.directory.extractions import PAUL, QUALIFICATION_COLUMNS, SKILL_COLUMNS, extraction

WRONG = PAUL | {"Identifiant PP": "1"}


def test_skills() -> None:
    findings = Findings()
    lines = extraction(SKILL_COLUMNS, [PAUL, WRONG, PAUL | {"Code savoir-faire": ""}])
    assert list(read_skills(Extraction(lines, findings))) == [SkillLine("899900000029", "SM54", "Médecine générale")]
    assert findings.rejected.kept == [LineRemark(3, Reason.IDENTIFIER), LineRemark(4, Reason.SKILL_MISSING)]


def test_qualifications() -> None:
    findings = Findings()
    diploma = {
        "Code type diplôme obtenu": "DE",
        "Libellé type diplôme obtenu": "Diplôme d'État français",
        "Code diplôme obtenu": "DE28",
        "Libellé diplôme obtenu": "DE Docteur en médecine",
    }
    authorisation = {
        "Code type autorisation": "A1",
        "Libellé type autorisation": "Autorisation définitive",
        "Code discipline autorisation": "D1",
        "Libellé discipline autorisation": "Médecine",
    }
    lines = extraction(
        QUALIFICATION_COLUMNS, [PAUL | diploma, PAUL | diploma | authorisation, PAUL | authorisation, PAUL, WRONG]
    )
    found = list(read_qualifications(Extraction(lines, findings)))
    a_diploma = QualificationLine(
        "899900000029", "diploma", "DE", "DE28", "Diplôme d'État français", "DE Docteur en médecine"
    )
    one_more = QualificationLine("899900000029", "authorisation", "A1", "D1", "Autorisation définitive", "Médecine")
    assert found == [a_diploma, a_diploma, one_more, one_more]
    assert findings.rejected.kept == [LineRemark(5, Reason.QUALIFICATION_MISSING), LineRemark(6, Reason.IDENTIFIER)]
