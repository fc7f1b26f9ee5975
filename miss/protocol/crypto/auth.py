"""The signature that opens a connection: over the server's nonce and its host name.  protocol §7

The host is the name the client connected to, as in its URL, in lower case and without the port: a signature given
to one server is worth nothing at another.
"""

from nacl.signing import SigningKey

from miss.protocol.crypto.primitives import sign, verify


def sign_auth(ik: SigningKey, nonce: bytes, host: str) -> bytes:
    """`sig` of an `auth` frame, for the `nonce` (32 bytes) of this connection's `hello`."""
    return sign(ik, "auth", nonce + host.encode())


def verify_auth(ik_public: bytes, nonce: bytes, host: str, signature: bytes) -> bool:
    """True if the device that owns `ik_public` signed this nonce for this host."""
    return verify(ik_public, "auth", nonce + host.encode(), signature)
