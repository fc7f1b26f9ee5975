"""The signature under a statement: RC's, the key that signs deposits (protocol §2), under a label of its own.  Pure.

Whoever verifies it needs the statement, `signature.json` and the fingerprint of ROOT that is printed on activation
letters: no server.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nacl.signing import SigningKey

from miss.base.clock import to_ms
from miss.mail.proofs.errors import ProofNotGenuine
from miss.protocol.crypto.opcert import OpCert, Purpose, root_fingerprint, verify_opcert
from miss.protocol.crypto.primitives import sign, verify
from miss.protocol.errors import ProtocolError

LABEL: Final = "mail-proof"


@dataclass(frozen=True, slots=True)
class Seal:
    """What signs."""

    key: SigningKey
    certs: tuple[OpCert, ...]
    """RC's, among others."""
    root_public: bytes

    def sign(self, statement: bytes, at: datetime) -> bytes:
        """`signature.json` for a statement made at that instant."""
        cert = next(one for one in reversed(self.certs) if one.covers(Purpose.RECEIPT, to_ms(at)))
        content = {
            "algorithm": "Ed25519",
            "label": LABEL,
            "at_ms": to_ms(at),
            "signature": _text(sign(self.key, LABEL, _signed(statement, to_ms(at)))),
            "certificate": _text(cert.raw),
            "root": _text(self.root_public),
            "root_fingerprint": root_fingerprint(self.root_public),
        }
        return json.dumps(content, indent=1).encode() + b"\n"


def verify_statement(statement: bytes, signature: bytes, fingerprint: str) -> None:
    """Raises ProofNotGenuine if `signature` (`signature.json`) is not of these very bytes, under ROOT."""
    try:
        read = json.loads(signature)
        at_ms, root = int(read["at_ms"]), b64decode(read["root"], validate=True)
        signed, raw = (b64decode(read[name], validate=True) for name in ("signature", "certificate"))
    except (ValueError, KeyError, TypeError):
        raise ProofNotGenuine(reason="form") from None
    if "".join(root_fingerprint(root).split()) != "".join(fingerprint.lower().split()):
        raise ProofNotGenuine(reason="root")
    try:
        cert = verify_opcert(raw, root)
    except ProtocolError as error:
        raise ProofNotGenuine(reason=error.code) from None
    if not cert.covers(Purpose.RECEIPT, at_ms):
        raise ProofNotGenuine(reason="certificate")
    if not verify(cert.public, LABEL, _signed(statement, at_ms), signed):
        raise ProofNotGenuine(reason="signature")


def _signed(statement: bytes, at_ms: int) -> bytes:
    return at_ms.to_bytes(8, "big") + statement


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
