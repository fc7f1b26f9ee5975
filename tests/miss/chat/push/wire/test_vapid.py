import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from miss.chat.push.wire.keys import PushKey
from miss.chat.push.wire.vapid import RENEW_BEFORE, VALIDITY, Vapid
from tests.miss.chat.push.standin import one_key

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CONTACT = "mailto:assistance@miss.example"


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read(authorization: str) -> tuple[bytes, dict[str, object], dict[str, object]]:
    """Key, header and claims, as a push service checks them: ES256 over the first two parts (RFC 7515)."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.split("=", 1) for part in rest.split(", "))
    key = raw(parts["k"])
    head, claims, signature = parts["t"].split(".")
    point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key)
    numbers = (int.from_bytes(raw(signature)[:32]), int.from_bytes(raw(signature)[32:]))
    point.verify(encode_dss_signature(*numbers), f"{head}.{claims}".encode(), ECDSA(SHA256()))
    return key, json.loads(raw(head)), json.loads(raw(claims))


def test_the_token_names_the_service_the_sender_and_an_end_within_a_day() -> None:
    key = one_key()
    public, head, claims = read(Vapid(CONTACT).authorization("https://push.example:8443/send/secret?x=1", key, NOW))
    assert public == key.public
    assert head == {"typ": "JWT", "alg": "ES256"}
    assert claims == {"aud": "https://push.example:8443", "exp": int((NOW + VALIDITY).timestamp()), "sub": CONTACT}
    assert timedelta(days=1) >= VALIDITY


def test_a_token_serves_every_device_of_a_service_until_shortly_before_its_end() -> None:
    vapid, key = Vapid(CONTACT), one_key()

    def token(path: str, after: timedelta, signed_by: PushKey = key) -> str:
        return vapid.authorization(f"https://push.example/{path}", signed_by, NOW + after)

    first = token("a", timedelta(0))
    assert token("b", VALIDITY - RENEW_BEFORE) == first
    assert token("a", VALIDITY - RENEW_BEFORE + timedelta(seconds=1)) != first
    assert vapid.authorization("https://other.example/a", key, NOW) != first
    assert token("a", timedelta(0), one_key()) != first
