import pytest

from miss.protocol.crypto.auth import sign_auth, verify_auth
from tests.miss.protocol.people import ALICE, BOB

NONCE = b"n" * 32
HOST = "chat.example"


def test_a_device_proves_itself_to_one_host_for_one_nonce() -> None:
    signature = sign_auth(ALICE.keys.ik, NONCE, HOST)
    assert verify_auth(ALICE.keys.ik_public, NONCE, HOST, signature)


@pytest.mark.parametrize(
    ("public", "nonce", "host"),
    [
        (BOB.keys.ik_public, NONCE, HOST),
        (ALICE.keys.ik_public, b"m" * 32, HOST),
        (ALICE.keys.ik_public, NONCE, "chat.example.attacker.example"),
        (ALICE.keys.ik_public, NONCE, ""),
    ],
)
def test_nothing_else_passes(public: bytes, nonce: bytes, host: str) -> None:
    assert not verify_auth(public, nonce, host, sign_auth(ALICE.keys.ik, NONCE, HOST))
