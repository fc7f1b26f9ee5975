"""Mails taken apart in a process of its own say what they say in ours, and a bomb costs one refusal."""

import pytest

from miss.mail.errors import MailTooComplex, MailUnreadable
from miss.mail.inbound import apart
from miss.mail.inbound.apart import MAX_PARTS, PartsRefused, read_apart, take_apart, write_apart
from miss.mail.inbound.parse import parse_mail
from miss.mail.inbound.sandbox import MailSandbox
from tests.miss.mail.inbound.kit import MIXED, raw


async def test_the_child_says_what_we_would() -> None:
    for content in (raw(), MIXED):
        assert await MailSandbox().parse(content) == parse_mail(content)
    mail = await MailSandbox().parse(MIXED)
    assert (mail.text, mail.attachments[0].name, mail.attachments[0].content) == (
        "Bonjour",
        "café.jpg",
        b"\xff\xd8\xff\xe0",
    )


async def test_too_many_parts_and_a_child_without_time_are_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * 150
    with pytest.raises(MailTooComplex) as refused:
        await MailSandbox().parse(parts)
    assert refused.value.params == {"what": "parts", "limit": MAX_PARTS}
    with pytest.raises(MailUnreadable):
        await MailSandbox(timeout_s=0.001).parse(raw())
    monkeypatch.setattr(apart, "__file__", __file__)  # a child that knows nothing of this
    with pytest.raises(MailUnreadable):
        await MailSandbox().parse(raw())


def test_the_way_between_processes_loses_nothing() -> None:
    found = take_apart(MIXED)
    again = read_apart(write_apart(found))
    assert (again.headers, again.texts, again.attachments) == (found.headers, found.texts, found.attachments)
    with pytest.raises(PartsRefused):
        take_apart(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * 150)
