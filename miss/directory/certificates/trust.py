"""Who may issue certificates: the authorities that the operator names, and the lists of what these took back.

A folder holds them: certificates of authorities (PEM or DER, any number a file), and their lists of what they revoked
(`.crl`).  What lies in it is trusted, an intermediate authority like a root.  A certificate is trusted whose signatures
lead to one of them; one that its issuer's list names is revoked, held ones too.  S/MIME binds no certificate to a
server's name: the addresses are the directory's affair (`model`).  Nothing is fetched from the network, OCSP is not
asked: whoever keeps the folder keeps the lists fresh.  Without a folder nobody is judged.

Sources: RFC 5280 §5 (lists) and §6 (paths), RFC 8550 §4 (S/MIME).
"""

import asyncio
import itertools
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from miss.directory.certificates.errors import TrustUnusable
from miss.directory.certificates.model import UNREADABLE

log = structlog.get_logger("miss.directory")

MAX_DEPTH: Final = 4
"""Authorities between a person and one that is trusted."""
_PEM: Final = b"-----BEGIN "


Seen = tuple[tuple[str, int, int], ...]
"""Names, instants of change (ns) and sizes of the files."""


class Standing(StrEnum):
    """What is thought of who issued a certificate."""

    UNJUDGED = "unjudged"
    """The operator names no authority: the issuer is shown, whoever it is."""
    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    REVOKED = "revoked"

    @property
    def is_refused(self) -> bool:
        """Nobody's mail is encrypted with it."""
        return self in {Standing.UNTRUSTED, Standing.REVOKED}


@dataclass(frozen=True, slots=True)
class Authorities:
    """What lay in the folder."""

    trusted: Sequence[x509.Certificate]
    revoked: Mapping[x509.Certificate, frozenset[int]]
    """By authority, the serial numbers that it took back."""

    def judge(self, certificate: x509.Certificate, now: datetime) -> Standing:
        """As of `now`, or of the nearest instant at which the certificate is valid."""
        moment = min(max(now, certificate.not_valid_before_utc), certificate.not_valid_after_utc)
        builder = PolicyBuilder().store(Store(list(self.trusted))).time(moment).max_chain_depth(MAX_DEPTH)
        builder = builder.extension_policies(ca_policy=_ISSUERS, ee_policy=ExtensionPolicy.permit_all())
        try:
            chain = builder.build_client_verifier().verify(certificate, []).chain
        except (VerificationError, *UNREADABLE):
            return Standing.UNTRUSTED
        pairs = itertools.pairwise(chain)
        is_revoked = any(one.serial_number in self.revoked.get(by, frozenset()) for one, by in pairs)
        return Standing.REVOKED if is_revoked else Standing.TRUSTED


class Trust:
    """The folder as it is now: read again whenever a file in it comes, changes or goes."""

    def __init__(self, folder: Path | None = None) -> None:
        """None: nobody is judged.  Raises TrustUnusable."""
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: Seen = ()
        self._authorities: Authorities | None = None
        if folder is not None:
            self._seen, self._authorities = _look(folder), read_authorities(folder)

    async def judge(self, ders: Mapping[str, bytes], now: datetime) -> dict[str, Standing]:
        """What is thought of who issued each of these certificates (DER), by the names given to them.

        Raises what the library does of bytes that are no certificate: examine them first.
        """
        if self._folder is None:
            return dict.fromkeys(ders, Standing.UNJUDGED)
        return await asyncio.to_thread(self._judge, self._folder, ders, now)

    def _judge(self, folder: Path, ders: Mapping[str, bytes], now: datetime) -> dict[str, Standing]:
        with self._lock:
            authorities = self._read_if_changed(folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as `model`: odd names and numbers
            return {name: authorities.judge(x509.load_der_x509_certificate(der), now) for name, der in ders.items()}

    def _read_if_changed(self, folder: Path) -> Authorities:
        """What was read last, if what lies there now cannot be: a half-copied list must not stop the mail."""
        try:
            if (seen := _look(folder)) != self._seen:
                self._seen = seen
                self._authorities = read_authorities(folder)
        except TrustUnusable as error:
            log.warning("certificates.trust_unusable", path=error.path, reason=error.reason)
        return self._authorities or Authorities((), {})


def read_authorities(folder: Path) -> Authorities:
    """Every file of `folder` whose name begins with no dot.

    Raises TrustUnusable: nothing to be read in a file, somebody who is no authority, a list that none of them signed,
    no authority at all.
    """
    trusted: list[x509.Certificate] = []
    lists: list[tuple[Path, x509.CertificateRevocationList]] = []
    for path in _files(folder):
        try:
            content = path.read_bytes()
            if path.suffix.lower() == ".crl":
                lists.append((path, _load_list(content)))
            else:
                trusted += _load_certificates(content)
        except (OSError, *UNREADABLE) as error:
            raise TrustUnusable(path, str(error)[:200]) from error
        if trusted and not all(_is_authority(one) for one in trusted):
            raise TrustUnusable(path, "a certificate in it is no authority’s")
    if not trusted:
        raise TrustUnusable(folder, "no authority in it")
    revoked: dict[x509.Certificate, frozenset[int]] = {}
    for path, one in lists:
        issuer = next((by for by in trusted if by.subject == one.issuer and _is_signed(one, by)), None)
        if issuer is None:
            raise TrustUnusable(path, "none of the authorities signed it")
        revoked[issuer] = revoked.get(issuer, frozenset()) | {entry.serial_number for entry in one}
    return Authorities(tuple(trusted), revoked)


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise TrustUnusable(folder, str(error.strerror)) from error


def _look(folder: Path) -> Seen:
    """Raises TrustUnusable."""
    return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path in _files(folder) for stat in [path.stat()])


def _load_certificates(content: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(content) if _PEM in content else [x509.load_der_x509_certificate(content)]


def _load_list(content: bytes) -> x509.CertificateRevocationList:
    load: Callable[[bytes], x509.CertificateRevocationList] = (
        x509.load_pem_x509_crl if _PEM in content else x509.load_der_x509_crl
    )
    return load(content)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False


def _is_signed(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # other keys raise TypeError
    except (InvalidSignature, *UNREADABLE):
        return False


def _may_issue(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("this key signs no certificates")


# Authorities of health are not those of the web: beside being one, nothing more is asked of them.  The library itself
# wants `cA`, the length of the path and algorithms that hold.
_ISSUERS: Final = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_issue)
)
