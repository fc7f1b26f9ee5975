"""The doors: real listeners on real ports, spoken to by a real SMTP client, or line by line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosmtplib
import pytest

from miss.mail.inbound import Intakes, MailDoor
from miss.storage.jobs import JobRunner
from tests.miss.mail.inbound.kit import GP, PLATFORM, RememberingIntake, compose, door_of, raw

MAIL, RCPT = f"MAIL FROM:<{GP}>", f"RCPT TO:<{PLATFORM}>"


class Wire:
    """An SMTP session by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def hear(self) -> str:
        """The last line of a reply; empty once the other side has hung up."""
        while line := await self._reader.readline():
            if line[3:4] != b"-":
                return line.decode().strip()
        return ""

    async def say(self, *lines: str) -> str:
        """What the last of `lines` is answered."""
        reply = ""
        for line in lines:
            self._writer.write(f"{line}\r\n".encode())
            reply = await self.hear()
        return reply

    async def send(self, content: bytes) -> str:
        assert (await self.say("DATA")).startswith("354")
        self._writer.write(content + b".\r\n")
        return await self.hear()


@asynccontextmanager
async def wire(door: MailDoor, hello: str = "EHLO mx.example") -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    session = Wire(reader, writer)
    assert (await session.hear()).startswith("220")
    assert (await session.say(hello)).startswith("250")
    yield session
    writer.close()
    await writer.wait_closed()


@asynccontextmanager
async def opened(door: MailDoor) -> AsyncIterator[MailDoor]:
    await door.open()
    yield door
    await door.close()


async def send(door: MailDoor, mail: object, *, sender: str = GP, to: str = str(PLATFORM)) -> str:
    _, reply = await aiosmtplib.send(
        mail,  # type: ignore[arg-type]
        sender=sender,
        recipients=[to],
        hostname="127.0.0.1",
        port=door.port,
        start_tls=False,
    )
    return reply


async def test_a_members_mail_is_kept_then_handed_over(
    door: MailDoor, jobs: JobRunner, intake: RememberingIntake
) -> None:
    assert (await send(door, compose())).startswith("2.0.0")
    assert intake.received == [], "nothing is processed inside the session"
    assert await jobs.run_due() == 1
    [(_, sender, _)] = intake.received
    assert sender.display_name == "Dr Paul EXEMPLE"


async def test_strangers_and_other_domains_are_refused_in_french(door: MailDoor) -> None:
    stranger = "inconnu@ailleurs.example"
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(door, compose(sender=stranger), sender=stranger)
    assert refused.value.recipients[0].code == 550
    assert "professionnel inscrit" in refused.value.recipients[0].message
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as relayed:
        await send(door, compose(), to="somebody@elsewhere.example")
    assert relayed.value.recipients[0].code == 550


async def test_a_mail_over_the_limit_is_refused_before_and_after_it_is_sent(door: MailDoor) -> None:
    heavy = compose("x" * 70 + "\n" * 3000 + ("y" * 70 + "\n") * 3000)
    with pytest.raises((aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError)) as announced:
        await send(door, heavy)
    assert announced.value.code == 552
    assert "trop volumineux" in announced.value.message
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=door.port, start_tls=False) as client:
        await client.mail(GP)  # a sender that does not announce the size
        await client.rcpt(str(PLATFORM))
        with pytest.raises(aiosmtplib.SMTPDataError) as surprised:
            await client.data(bytes(heavy))
    assert surprised.value.code == 552


async def test_too_many_recipients(door: MailDoor) -> None:
    async with wire(door) as session:
        await session.say(MAIL, *[RCPT] * 10)
        assert (await session.say(RCPT)).startswith("452 4.5.3")


@pytest.mark.parametrize("ending", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n"])
async def test_no_second_message_is_smuggled(
    door: MailDoor, jobs: JobRunner, intake: RememberingIntake, ending: bytes
) -> None:
    inner = f"MAIL FROM:<{GP}>\r\nRCPT TO:<{PLATFORM}>\r\nDATA\r\n".encode() + raw("faux")
    async with wire(door) as session:
        await session.say(MAIL, RCPT)
        reply = await session.send(raw() + ending + inner)
        assert reply.startswith("554 5.5.2"), reply
    assert await jobs.run_due() == 0
    assert intake.received == []


class TestForwarded:
    """XFORWARD (Postfix)."""

    async def test_the_client_behind_a_front_is_known(self, intakes: Intakes, door: MailDoor) -> None:
        async with wire(door) as session:
            assert (await session.say("XFORWARD ADDR=192.0.2.7 NAME=[UNAVAILABLE]")).startswith("250")
            assert (await session.say("XFORWARD ADDR=IPv6:2001:db8::7")).startswith("250")
            assert (await session.say("XFORWARD ADDR=nowhere")).startswith("501")
            assert (await session.say("XFORWARD COLOUR=red")).startswith("501")

    async def test_nobody_else_says_for_whom_they_speak(self, intakes: Intakes) -> None:
        async with opened(door_of(intakes, is_front=False)) as door, wire(door) as session:
            assert (await session.say("XFORWARD ADDR=192.0.2.7")).startswith("550")


class TestLines:
    """One sender must not occupy every line (RFC 5321 §4.5.4)."""

    async def test_a_server_with_too_many_sessions_hears_421_and_others_go_on(self, intakes: Intakes) -> None:
        async with (
            opened(door_of(intakes, lines_each=2)) as door,
            wire(door) as first,
            wire(door) as second,
            wire(door) as third,
        ):
            for session in (first, second):
                assert (await session.say("XFORWARD ADDR=192.0.2.7", MAIL, RCPT)).startswith("250")
            assert door.busy == 2
            busy = await third.say("XFORWARD ADDR=192.0.2.7", "MAIL FROM:<eve@labo.example>", RCPT)
            assert busy.startswith("421 4.7.0 Trop de sessions")
            assert await third.hear() == "", "421 ends the session"
            async with wire(door) as other:
                other_gp = "MAIL FROM:<anne.modele@ch-fictif.mssante.example>"
                assert (await other.say("XFORWARD ADDR=192.0.2.8", other_gp, RCPT)).startswith("250")

    async def test_a_domain_behind_many_servers_is_one_sender(self, intakes: Intakes) -> None:
        async with opened(door_of(intakes, lines_each=1)) as door, wire(door) as first, wire(door) as second:
            assert (await first.say("XFORWARD ADDR=192.0.2.7", MAIL, RCPT)).startswith("250")
            assert (await second.say("XFORWARD ADDR=192.0.2.8", MAIL, RCPT)).startswith("421")

    @pytest.mark.parametrize("end", ["RSET", "EHLO again.example"])
    async def test_a_line_is_given_back_when_the_mail_is_over(self, intakes: Intakes, end: str) -> None:
        async with opened(door_of(intakes, lines_each=1)) as door, wire(door) as session:
            await session.say(MAIL, RCPT)
            assert door.busy == 1
            await session.say(end)
            assert door.busy == 0
            await session.say(MAIL, RCPT)
            assert (await session.send(raw())).startswith("250")
            assert door.busy == 0

    async def test_who_hangs_up_gives_their_line_back(self, intakes: Intakes) -> None:
        async with opened(door_of(intakes, lines_each=1)) as door:
            async with wire(door) as session:
                await session.say(MAIL, RCPT)
            async with wire(door) as again:
                assert (await again.say(MAIL, RCPT)).startswith("250")


class TestLmtp:
    """RFC 2033: one answer for each recipient."""

    async def test_each_recipient_is_answered(self, intakes: Intakes, jobs: JobRunner) -> None:
        other = RememberingIntake(address=type(PLATFORM)("avis", "miss.example"))
        intakes.register(other)
        async with opened(door_of(intakes, is_lmtp=True)) as door, wire(door, "LHLO mx.example") as session:
            assert (await session.say("EHLO x")).startswith("500")
            await session.say(MAIL, RCPT, "RCPT TO:<avis@miss.example>")
            assert (await session.send(raw())).startswith("250")
            assert (await session.hear()).startswith("250")
            await session.say(MAIL, RCPT, "RCPT TO:<avis@miss.example>")
            assert (await session.send(raw(sender="eve@evil.example"))).startswith("550")
            assert (await session.hear()).startswith("550")
            assert (await session.say("NOOP")).startswith("250"), "no answer is left over"
        await jobs.run_due()
        assert len(other.received) == 1

    async def test_a_mail_that_is_too_large_is_refused_for_each(self, intakes: Intakes) -> None:
        intakes.register(RememberingIntake(address=type(PLATFORM)("avis", "miss.example")))
        async with opened(door_of(intakes, is_lmtp=True)) as door, wire(door, "LHLO mx.example") as session:
            await session.say(MAIL, RCPT, "RCPT TO:<avis@miss.example>")
            assert (await session.send(raw() + b"y" * 70 + b"\r\n" + b"z\r\n" * 90_000)).startswith("552")
            assert (await session.hear()).startswith("552")
            assert (await session.say("NOOP")).startswith("250")
