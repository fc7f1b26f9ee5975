"""What the DNS says of the domain we write from."""

from miss.server.examination.mail import judge_domain, judge_signing
from miss.server.examination.model import Grade

MX, SPF, DMARC = ["mx.chu.example."], ["v=spf1 mx -all"], ["v=DMARC1; p=quarantine"]


def test_a_domain_that_others_can_answer_and_cannot_imitate() -> None:
    assert judge_domain("chu.example", MX, ["site-verification=1", *SPF], DMARC) == []


def test_each_record_that_is_missing_is_named() -> None:
    found = judge_domain("chu.example", [], ["site-verification=1"], SPF)
    assert [one.grade for one in found] == [Grade.PROBLEM, Grade.WARNING, Grade.WARNING]
    sentences = [one.sentence() for one in found]
    assert "n’a pas de MX" in sentences[0]
    assert "n’a pas de SPF" in sentences[1]
    assert "_dmarc.chu.example" in sentences[2]


def test_a_signing_key_that_is_missing_or_revoked() -> None:
    (unknown,) = judge_signing("miss.example", "", [])
    assert unknown.grade is Grade.REMARK
    assert judge_signing("miss.example", "s1", ["v=DKIM1; k=rsa; p=MIIBIjANBg"]) == []
    for records in ([], ["v=DKIM1; k=rsa; p="], ["v=spf1 -all"]):
        (found,) = judge_signing("miss.example", "s1", records)
        assert found.grade is Grade.WARNING
        assert "s1._domainkey.miss.example" in found.sentence()
