"""Whose word counts, and for which domains."""

import pytest

from miss.mail.addresses import parse_address
from miss.mail.inbound.authentication.model import Believed, Proof, Trust, Via
from miss.mail.inbound.authentication.operators import OperatorsMalformed, parse_operators

SENDER = parse_address("paul@medecin.mssante.example")
TRUST = Trust(authserv_id="mx.miss.example", operators={"op": ("mssante.example",)})
RELAY = Via("192.0.2.1", Believed.TOPMOST)


def proof(result: str, trust: Trust = TRUST, via: Via = RELAY) -> Proof:
    headers = (("Authentication-Results", f"mx.miss.example; {result}"), ("Received", "by x"))
    return trust.find_proof(headers, SENDER, via)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("dmarc=pass header.from=medecin.mssante.example", Proof.DMARC),
        ("dmarc=pass header.from=mssante.example", Proof.NONE),
        ("dmarc=fail header.from=medecin.mssante.example", Proof.NONE),
        ("dkim=pass header.d=medecin.mssante.example", Proof.DKIM),
        ("dkim=pass header.d=MSSANTE.example.", Proof.DKIM),
        ("dkim=pass header.d=example", Proof.NONE),
        ("dkim=pass header.d=sante.example", Proof.NONE),
        ("dkim=pass header.d=sub.medecin.mssante.example", Proof.NONE),
        ("dkim=pass", Proof.NONE),
        ("spf=pass smtp.mailfrom=medecin.mssante.example", Proof.NONE),
        ("x-tls-client=pass policy.operator=op", Proof.OPERATOR),
        ("x-tls-client=pass policy.operator=other", Proof.NONE),
        ("dkim=fail header.d=mssante.example; dmarc=pass header.from=medecin.mssante.example", Proof.DMARC),
    ],
)
def test_what_proves_a_sender(result: str, expected: Proof) -> None:
    assert proof(result) is expected


def test_without_a_name_nobody_is_believed() -> None:
    assert proof("dkim=pass header.d=mssante.example", Trust()) is Proof.NONE
    assert proof("dkim=pass header.d=mssante.example", TRUST, Via("192.0.2.1")) is Proof.NONE


def test_operators_are_read() -> None:
    assert parse_operators("op.example = a.example B.example ;x=c.example;") == {
        "op.example": frozenset({"a.example", "b.example"}),
        "x": frozenset({"c.example"}),
    }
    for malformed in ("op", "op=", "=a.example", "op=nodots", "op=a.example;op=b.example", "op=a.example,b.example"):
        with pytest.raises(OperatorsMalformed):
            parse_operators(malformed)
