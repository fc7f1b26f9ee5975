"""The Cryptographic Message Syntax (RFC 5652), behind one interface: sign, verify, encrypt, decrypt.  DER in and out.

`cryptography` signs, and encrypts to RSA keys, in this process.  The rest is the `openssl cms` command's (OAEP, AES-GCM
and ECDH to decrypt, elliptic curves to encrypt to, every verification): strangers' bytes are parsed in its process, not
in ours.  Nothing in clear touches a disk: what is small comes through pipes, the rest through standard input.  ADR 46.

It says whether a signature fits a content, never whether its signer is to be believed.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from miss.mail.smime.errors import CmsAway
from miss.mail.smime.keys import MailKey
from miss.mail.smime.model import Unreadable

TIMEOUT_S: Final = 20.0
AT_ONCE: Final = 4
"""Processes: a mail waits rather than the machine."""
PIPE_BYTES: Final = 60_000
"""What a pipe holds without a reader (64 KiB on Linux), a little less."""
_WEAK: Final = frozenset({"md2", "md4", "md5", "sha1", "ripemd160"})
_DIGEST: Final = re.compile(rb"digestAlgorithm: *\n *algorithm: ([\w-]+)")


@dataclass(frozen=True, slots=True, repr=False)
class Verified:
    """A signature that fits."""

    content: bytes
    """What is signed: the opaque content, or what was given for a detached signature."""
    signer: x509.Certificate
    issuers: tuple[bytes, ...]


class Cms(Protocol):
    """What the room asks of CMS."""

    async def sign(self, entity: bytes) -> bytes:
        """A detached signature with the platform's key, its certificates included."""
        ...

    async def verify(self, signature: bytes, content: bytes | None) -> Verified:
        """Whether a signature fits; `content` is None for an opaque one.  Raises Unreadable, CmsAway."""
        ...

    async def encrypt(self, entity: bytes, recipients: Sequence[x509.Certificate]) -> bytes:
        """To each of `recipients`.  Raises Unreadable for a key that cannot be encrypted to, CmsAway."""
        ...

    async def decrypt(self, content: bytes) -> bytes:
        """With the platform's key.  Raises Unreadable, always the same one, and CmsAway."""
        ...


class OpensslCms:
    """`cryptography` and the `openssl` command."""

    def __init__(self, own: MailKey, *, command: str = "openssl") -> None:
        self._own = own
        self._command = command
        self._places = asyncio.Semaphore(AT_ONCE)

    async def sign(self, entity: bytes) -> bytes:
        """As `Cms.sign`, in this process."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(entity)
        builder = builder.add_signer(self._own.certificate, self._own.key, hashes.SHA256())
        for issuer in self._own.issuers:
            builder = builder.add_certificate(issuer)
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return await asyncio.to_thread(builder.sign, Encoding.DER, options)

    async def verify(self, signature: bytes, content: bytes | None) -> Verified:
        """As `Cms.verify`: three runs of the command, none of which sees a key."""
        await self._require_strong(signature)
        words = ["cms", "-verify", "-inform", "DER", "-binary", "-noverify"]
        if content is None:
            certificates, signed = await self._run_with_signer(words, signature)
        else:
            with _offered(signature) as given:
                words += ["-in", _path(given), "-content", "/dev/stdin", "-out", os.devnull, "-signer", "/dev/stdout"]
                certificates, signed = await self._run(words, content, given), content
        return Verified(signed, _one_certificate(certificates), await self._issuers(signature))

    async def encrypt(self, entity: bytes, recipients: Sequence[x509.Certificate]) -> bytes:
        """As `Cms.encrypt`: in this process to RSA keys, by the command if one is a curve."""
        if all(isinstance(one.public_key(), rsa.RSAPublicKey) for one in recipients):
            envelope = pkcs7.PKCS7EnvelopeBuilder().set_data(entity).set_content_encryption_algorithm(algorithms.AES256)
            for one in recipients:
                envelope = envelope.add_recipient(one)
            return await asyncio.to_thread(envelope.encrypt, Encoding.DER, [pkcs7.PKCS7Options.Binary])
        with contextlib.ExitStack() as stack:
            given = [stack.enter_context(_offered(one.public_bytes(Encoding.PEM))) for one in recipients]
            words = ["cms", "-encrypt", "-binary", "-aes-256-cbc", "-outform", "DER", *map(_path, given)]
            return await self._run(words, entity, *given)

    async def decrypt(self, content: bytes) -> bytes:
        """As `Cms.decrypt`; the command reads the key's own file."""
        own = ["-recip", str(self._own.certificate_file), "-inkey", str(self._own.key_file)]
        return await self._run(["cms", "-decrypt", "-inform", "DER", "-binary", *own], content)

    async def _require_strong(self, signature: bytes) -> None:
        """openssl takes SHA-1 and MD5 as they come, and both can be made to collide."""
        shown = await self._run(["cms", "-cmsout", "-noout", "-print", "-inform", "DER"], signature)
        _, _, signers = shown.partition(b"signerInfos:")
        digests = {name.decode("ascii").lower() for name in _DIGEST.findall(signers)}
        if not digests or digests & _WEAK:
            raise Unreadable

    async def _issuers(self, signature: bytes) -> tuple[bytes, ...]:
        """By openssl too: others write BER, which `cryptography` is about to refuse."""
        printed = await self._run(["pkcs7", "-print_certs", "-inform", "DER"], signature)
        try:
            found = x509.load_pem_x509_certificates(printed)
        except ValueError:
            return ()
        return tuple(one.public_bytes(Encoding.DER) for one in found)

    async def _run_with_signer(self, words: Sequence[str], signature: bytes) -> tuple[bytes, bytes]:
        """An opaque signature: its signer through a pipe, its content on standard output."""
        reader, writer = os.pipe()
        try:
            try:
                content = await self._run([*words, "-signer", _path(writer)], signature, writer)
            finally:
                os.close(writer)
            return os.read(reader, PIPE_BYTES), content
        finally:
            os.close(reader)

    async def _run(self, words: Sequence[str], given: bytes, *pipes: int) -> bytes:
        async with self._places:
            try:
                process = await asyncio.create_subprocess_exec(
                    self._command,
                    *words,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    pass_fds=pipes,
                    env={"PATH": os.environ.get("PATH", os.defpath)},
                )
            except OSError as error:
                raise CmsAway(reason=type(error).__name__) from None
            try:
                answer, _ = await asyncio.wait_for(process.communicate(given), TIMEOUT_S)
            except TimeoutError:
                raise CmsAway(reason="délai dépassé") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode != 0:
            raise Unreadable
        return answer


@contextlib.contextmanager
def _offered(content: bytes) -> Iterator[int]:
    """A pipe that holds `content`, for a child to read.  Raises Unreadable if a pipe cannot hold it."""
    if len(content) > PIPE_BYTES:
        raise Unreadable
    reader, writer = os.pipe()
    try:
        os.write(writer, content)
        os.close(writer)
        yield reader
    finally:
        os.close(reader)


def _path(pipe: int) -> str:
    return f"/dev/fd/{pipe}"


def _one_certificate(pem: bytes) -> x509.Certificate:
    """The signer's.  Several signers: none of them is the one who wrote."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise Unreadable from None
    if len(found) != 1:
        raise Unreadable
    return found[0]
