"""The operator's folder: four keys, and the certificates of three, in files that only the service may read.

    root.key   ROOT, private.  Made at first start so that a laptop works at once.  A deployment moves it offline
               (a sealed envelope, a token): the server runs without it and asks for it only when a certificate
               expires.
    root.pub   ROOT, public: what clients pin.
    op.key     OP, countersigns links.         op.certs   its certificates, one a line, oldest first.
    rc.key     RC, signs deposit receipts.     rc.certs   the same for RC.
    token.key  what HTTP tokens are made with: apart from RC, so that neither stands for the other once stolen.
    audit.key  signs the anchors of the access log.    audit.pub  its public half: all that an auditor needs.

Every value is base64.  Nothing is ever overwritten; a certificate that expires gets a successor on a new line, as
the old one still proves what was signed in its time.
"""

import base64
import contextlib
import os
import stat
import tempfile
from datetime import timedelta
from pathlib import Path

from nacl.signing import SigningKey

from miss.base.clock import Clock, to_ms
from miss.base.random import RandomBytes
from miss.directory.signer.errors import OperatorKeysUnusable
from miss.directory.signer.signer import Signer
from miss.protocol.crypto.opcert import OpCert, Purpose, compose_opcert, verify_opcert
from miss.protocol.errors import ProtocolError

VALIDITY = timedelta(days=2 * 365)
MARGIN = timedelta(days=1)
"""Certificates begin a little early: a client's clock may be behind."""
RENEW_BEFORE = timedelta(days=60)
"""A certificate is renewed this long before its end, if `root.key` is at hand."""

_NAMES = {Purpose.IDENTITY: "op", Purpose.RECEIPT: "rc"}


def load_or_create_signer(folder: Path, clock: Clock, random_bytes: RandomBytes) -> Signer:
    """The operator's keys in `folder`, made if the folder has no `root.pub` yet.

    Raises OperatorKeysUnusable if a file is missing, malformed or open to others, if a certificate is not ROOT's,
    or if it has expired and `root.key` is not there to renew it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "root.pub").exists():
        _create(folder, random_bytes)
    _write_new(folder / "token.key", random_bytes(32))
    _write_new(folder / "audit.key", random_bytes(32))
    audit_key = SigningKey(read_key(folder / "audit.key"))
    _write_new(folder / "audit.pub", bytes(audit_key.verify_key))
    root_public = read_key(folder / "root.pub")
    certs = {purpose: _certificates(folder, purpose, root_public, clock) for purpose in Purpose}
    return Signer(
        root_public=root_public,
        op_key=SigningKey(read_key(folder / "op.key")),
        rc_key=SigningKey(read_key(folder / "rc.key")),
        token_key=read_key(folder / "token.key"),
        audit_key=audit_key,
        certs=(*certs[Purpose.IDENTITY], *certs[Purpose.RECEIPT]),
        clock=clock,
    )


def find_audit_public(folder: Path) -> bytes | None:
    """The public audit key (Ed25519, 32 bytes); None before the first start.  Raises OperatorKeysUnusable."""
    path = folder / "audit.pub"
    return read_key(path) if path.exists() else None


def certificate_ends(folder: Path) -> dict[Purpose, int]:
    """When the last certificate for each purpose ends, in milliseconds since 1970; empty before the first start.

    Raises OperatorKeysUnusable, ProtocolError.
    """
    if not (folder / "root.pub").exists():
        return {}
    root_public = read_key(folder / "root.pub")
    return {
        purpose: max(verify_opcert(raw, root_public).not_after_ms for raw in read_lines(folder / f"{name}.certs"))
        for purpose, name in _NAMES.items()
        if (folder / f"{name}.certs").exists()
    }


def _create(folder: Path, random_bytes: RandomBytes) -> None:
    for name in ("root", *_NAMES.values()):
        _write_new(folder / f"{name}.key", random_bytes(32))
    # The public key comes last: its presence says that the folder is complete.
    root = SigningKey(read_key(folder / "root.key"))
    _write_new(folder / "root.pub", bytes(root.verify_key))


def _certificates(folder: Path, purpose: Purpose, root_public: bytes, clock: Clock) -> tuple[OpCert, ...]:
    path = folder / f"{_NAMES[purpose]}.certs"
    public = bytes(SigningKey(read_key(folder / f"{_NAMES[purpose]}.key")).verify_key)
    try:
        certs = tuple(verify_opcert(raw, root_public) for raw in read_lines(path))
    except ProtocolError as error:
        raise OperatorKeysUnusable(path=path, reason=f"certificat refusé ({error.params.get('reason')})") from error
    if any(cert.public != public or cert.purpose is not purpose for cert in certs):
        raise OperatorKeysUnusable(path=path, reason="le certificat n'est pas celui de cette clé")
    now = clock.now()
    if any(cert.covers(purpose, to_ms(now + RENEW_BEFORE)) for cert in certs):
        return certs
    if (folder / "root.key").exists():
        fresh = _issue(folder / "root.key", root_public, purpose, public, clock)
        append_line(path, fresh.raw)
        return (*certs, fresh)
    if any(cert.covers(purpose, to_ms(now)) for cert in certs):
        return certs
    raise OperatorKeysUnusable(path=path, reason="certificat expiré ; remettez root.key le temps d'un démarrage")


def _issue(path: Path, root_public: bytes, purpose: Purpose, public: bytes, clock: Clock) -> OpCert:
    root = SigningKey(read_key(path))
    if bytes(root.verify_key) != root_public:
        raise OperatorKeysUnusable(path=path, reason="elle ne correspond pas à root.pub")
    now = clock.now()
    return compose_opcert(
        root,
        purpose=purpose,
        public=public,
        not_before_ms=to_ms(now - MARGIN),
        not_after_ms=to_ms(now + VALIDITY),
    )


def read_key(path: Path) -> bytes:
    """The one key in a file, 32 bytes.  Raises OperatorKeysUnusable."""
    lines = read_lines(path)
    if not lines:
        raise OperatorKeysUnusable(path=path, reason="le fichier n'existe pas")
    if len(lines) != 1 or len(lines[0]) != 32:
        raise OperatorKeysUnusable(path=path, reason="elle ne fait pas 32 octets")
    return lines[0]


def read_lines(path: Path) -> list[bytes]:
    """Each line of the file, decoded; none if there is no file.  Raises OperatorKeysUnusable."""
    try:
        mode = path.stat().st_mode
        lines = [base64.b64decode(line, validate=True) for line in path.read_bytes().split()]
    except FileNotFoundError:
        return []
    except ValueError:
        raise OperatorKeysUnusable(path=path, reason="le fichier n'est pas en base64") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OperatorKeysUnusable(path=path, reason="d'autres comptes peuvent la lire (chmod 600)")
    return lines


def _write_new(path: Path, value: bytes) -> None:
    """Write a value once.  One that is there, from a first start cut short or a process beside, is kept and used."""
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
    try:
        _write_line(descriptor, value)
        # A hard link appears whole or not at all, and refuses to replace.
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        Path(unfinished).unlink()


def append_line(path: Path, value: bytes) -> None:
    """One more line, durable on return."""
    _write_line(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), value)


def _write_line(descriptor: int, value: bytes) -> None:
    with os.fdopen(descriptor, "ab") as file:
        file.write(base64.b64encode(value) + b"\n")
        file.flush()
        os.fsync(file.fileno())
