"""Relays over real sockets: one connection for several mails, failover, TLS, AUTH, and every way to misbehave."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from miss.base.clock import MovableClock
from miss.mail.outbound.errors import MailDeferred, RelayAway, RelayRefused
from miss.mail.relays import Relay, Relays, TlsPolicy
from miss.mail.relays.session import xtext
from tests.miss.mail.unruly import Unruly, knows, with_tls

# aiosmtpd warns of what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

SENDER, RECIPIENT = "miss@miss.example", "paul.exemple@medecin.mssante.example"
CONTENT = b"Subject: x\r\n\r\n.dot\r\n"


def _relays(clock: MovableClock, *ports: int, tls: TlsPolicy = TlsPolicy.NONE, **options: object) -> Relays:
    made = [
        Relay(name=f"r{rank}", host="127.0.0.1", port=port, tls=tls, rank=rank, **options)  # type: ignore[arg-type]
        for rank, port in enumerate(ports)
    ]
    return Relays(made, clock, timeout_s=1.0)


async def _send(relays: Relays, mail_id: str = "m1", sender: str = SENDER) -> str:
    return await relays.send(sender, RECIPIENT, CONTENT, mail_id=mail_id)


async def test_several_mails_in_one_session(clock: MovableClock) -> None:
    relay = Unruly(dsn=True)
    async with relay.listening() as port:
        relays = _relays(clock, port, max_mails=3)
        replies = [await _send(relays, f"m{number}") for number in range(5)]
        assert relay.sessions == 2, "three mails a session, and the others"
        assert replies == ["250 2.0.0 taken"] * 5
        assert relay.taken[0].content == CONTENT
        assert relay.options[0][:3] == ["SIZE=20", "RET=HDRS", "ENVID=m0"]
        assert relay.options[0][3:] == ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{RECIPIENT}"]
        await relays.close()


async def test_a_report_asks_for_no_report(clock: MovableClock) -> None:
    relay = Unruly(dsn=True)
    async with relay.listening() as port:
        await _send(_relays(clock, port), sender="")
    assert relay.taken[0].mail_from in ("", "<>")
    assert "NOTIFY=NEVER" in relay.options[0]


@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted", "452 4.2.2 full"])
async def test_later_is_for_the_mail(clock: MovableClock, reply: str) -> None:
    relay = Unruly()
    relay.replies = [reply]
    async with relay.listening() as port:
        relays = _relays(clock, port)
        with pytest.raises(MailDeferred) as said:
            await _send(relays)
        assert said.value.params["reply"] == reply
        assert await _send(relays) == "250 2.0.0 taken"
        assert relay.sessions == 1


async def test_never_is_for_the_mail(clock: MovableClock) -> None:
    relay = Unruly()
    relay.replies = ["554 5.7.1 no"]
    async with relay.listening() as port:
        with pytest.raises(RelayRefused) as said:
            await _send(_relays(clock, port))
    assert said.value.params["reply"] == "554 5.7.1 no"


@pytest.mark.parametrize("act", ["drop", "half", "stall"])
async def test_a_relay_that_falls_silent_gets_the_mail_again_later(clock: MovableClock, act: str) -> None:
    relay = Unruly()
    relay.act = act
    async with relay.listening() as port:
        relays = _relays(clock, port)
        with pytest.raises(MailDeferred):
            await _send(relays)
        relay.act = ""
        assert await _send(relays) == "250 2.0.0 taken"
        assert relay.sessions == 2


async def test_a_relay_that_hangs_up_after_its_250_is_called_again(clock: MovableClock) -> None:
    relay = Unruly()
    relay.act = "after"
    async with relay.listening() as port:
        relays = _relays(clock, port)
        for number in range(3):
            assert await _send(relays, f"m{number}") == "250 2.0.0 taken"
        assert (relay.sessions, len(relay.taken)) == (3, 3)


async def test_a_mail_that_a_relay_saw_goes_to_no_other(clock: MovableClock) -> None:
    first, second = Unruly(), Unruly()
    first.act = "drop"
    async with first.listening() as one, second.listening() as other:
        with pytest.raises(MailDeferred):
            await _send(_relays(clock, one, other))
    assert (len(first.taken), second.taken) == (1, [])


async def test_the_second_relay_takes_what_the_first_cannot(clock: MovableClock) -> None:
    async with AsyncExitStack() as stack:
        first, second = Unruly(), Unruly()
        async with first.listening() as gone:
            pass
        port = await stack.enter_async_context(second.listening())
        relays = _relays(clock, gone, port)
        await _send(relays)
        assert len(second.taken) == 1
        assert [health.is_away for health in relays.list_health()] == [True, False]


async def test_a_relay_that_is_away_rests_and_is_asked_again(clock: MovableClock) -> None:
    relay = Unruly()
    async with relay.listening(**knows("miss", "right")) as port:
        relays = _relays(clock, port, user="miss", password="wrong")
        with pytest.raises(RelayAway):
            await _send(relays)
        with pytest.raises(RelayAway) as said:
            await _send(relays)
        assert relay.sessions == 1, "it rests"
        assert "535" in str(said.value.params["reason"])
        clock.advance(timedelta(minutes=3))
        with pytest.raises(RelayAway):
            await _send(relays)
        assert relay.sessions == 2
        assert relay.taken == []


async def test_it_says_who_speaks(clock: MovableClock) -> None:
    relay = Unruly()
    async with relay.listening(**knows("miss", "right")) as port:
        await _send(_relays(clock, port, user="miss", password="right"))
    assert len(relay.taken) == 1


async def test_a_connection_that_died_while_unused_is_not_used(clock: MovableClock) -> None:
    relay = Unruly()
    async with relay.listening() as port:
        relays = _relays(clock, port)
        await _send(relays)
        clock.advance(timedelta(minutes=1))
        await _send(relays)
        assert relay.sessions == 2
        await relays.close()


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1, its own authority, and what serves it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relais.example")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    return tmp_path / "ca.pem", context


async def test_each_tls_policy(clock: MovableClock, authority: tuple[Path, ssl.SSLContext]) -> None:
    ca_file, context = authority
    relay = Unruly()
    async with relay.listening(**with_tls(context)) as port:
        await _send(_relays(clock, port, tls=TlsPolicy.VERIFY, ca_file=ca_file))
        await _send(_relays(clock, port, tls=TlsPolicy.ENCRYPT))
        with pytest.raises(RelayAway):
            await _send(_relays(clock, port, tls=TlsPolicy.VERIFY))  # signed by nobody the system knows
        with pytest.raises(RelayRefused):
            await _send(_relays(clock, port, tls=TlsPolicy.NONE))  # « must issue STARTTLS first »
    assert len(relay.taken) == 2


async def test_tls_that_is_required_and_not_offered(clock: MovableClock) -> None:
    relay = Unruly()
    async with relay.listening() as port:
        with pytest.raises(RelayAway):
            await _send(_relays(clock, port, tls=TlsPolicy.ENCRYPT))
    assert relay.taken == []


async def test_no_more_connections_than_a_relay_may_have(clock: MovableClock) -> None:
    relay = Unruly()
    relay.may_answer.clear()
    async with relay.listening() as port:
        relays = _relays(clock, port, max_connections=2)
        sending = [asyncio.create_task(_send(relays, f"m{number}")) for number in range(6)]
        await relay.is_asked.wait()
        relay.may_answer.set()
        await asyncio.gather(*sending)
        assert (relay.most, len(relay.taken)) == (2, 6)
        await relays.close()


def test_xtext() -> None:
    assert xtext("a+b=c é") == "a+2Bb+3Dc+20+C3+A9"
