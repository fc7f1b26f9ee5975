"""Every reader of bytes that somebody else wrote: what a genuine input looks like, and by what names it refuses.

`tests/fuzz/test_targets.py` fails if `miss.protocol` or `miss.chat` gains a parser that is not here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from miss.base.errors import MissError
from miss.base.ids import DeviceId
from miss.chat.blobs.errors import RangeRefused
from miss.chat.blobs.model import parse_range
from miss.chat.blobs.routes import parse_size
from miss.chat.conversations import caps
from miss.chat.conversations.errors import TooManyMembers
from miss.chat.devices.errors import TokenRefused
from miss.chat.devices.tokens import compose_token, parse_token
from miss.chat.errors import BadRequest, BodyTooLarge
from miss.documents.cda import check_cda, compose_report, compose_request, parse_cda
from miss.documents.cda.errors import CdaContentRefused, NotCda
from miss.documents.errors import HprimDateUnreadable, NotHprim, XmlRefused
from miss.documents.hprim import parse_hprim_file
from miss.documents.pdf.inspection import inspect_pdf
from miss.documents.xdm import compose_archive, entry_of, parse_archive
from miss.documents.xdm.compose import compose_metadata
from miss.documents.xdm.errors import ArchiveRefused, MetadataRefused
from miss.documents.xdm.metadata import parse_metadata
from miss.mail.errors import MailRefused
from miss.mail.inbound.authentication.operators import OperatorsMalformed, parse_operators
from miss.mail.inbound.authentication.results import parse_statement
from miss.mail.inbound.parse import parse_mail
from miss.mail.inbound.quarantine.model import technical_headers
from miss.mail.inbound.trace_fields import without_trace
from miss.mail.trace.errors import ReportUnreadable
from miss.mail.trace.reports import parse_report
from miss.protocol.crypto import (
    acknowledgements,
    attachments,
    codes,
    commits,
    envelopes,
    keys,
    links,
    opcert,
    pairing,
    proof,
    receipts,
    recovery,
    restorations,
    safety,
    tombstones,
    vault,
    words,
    wraps,
)
from miss.protocol.errors import (
    BadCode,
    BadFrame,
    BadKey,
    BadOpCert,
    BadPairingUri,
    BadRecoveryPassphrase,
    BadRestoration,
    BadSealed,
    BlobDamaged,
    BoxMissing,
    CommitError,
    EnvelopeError,
    LinkError,
    PairingError,
    ProofError,
    ProtocolError,
    ReceiptError,
    RecoveryError,
    RestorationForged,
    RestorationOutOfOrder,
    SafetyError,
    StatementError,
    UnsupportedSuite,
    UnsupportedVersion,
    VaultEntryUnreadable,
)
from miss.protocol.limits import MAX_CLIENT_FRAME_BYTES
from miss.protocol.wire import codec
from tests.fuzz import drivers
from tests.fuzz.drivers import FIRST, FRAMES, LINKS, ROOT, SECOND, V1, raw, text
from tests.fuzz.shapes import read_as, request_shapes
from tests.miss.documents import structured
from tests.miss.documents.pdf import hostile
from tests.miss.mail.inbound import kit as letters
from tests.miss.mail.trace import samples as reports
from tests.miss.protocol.deposits import BLOB, PHOTO
from tests.miss.protocol.people import NOW_MS

NEWER: Final = (UnsupportedVersion, UnsupportedSuite)
TESTS: Final = Path(__file__).resolve().parents[1]
NOW: Final = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """One reader."""

    name: str
    read: Callable[[bytes], object]
    samples: tuple[bytes, ...]
    """Genuine inputs."""
    refusals: tuple[type[MissError], ...]
    """What it may raise, and nothing else."""
    parsers: tuple[object, ...] = ()
    """The functions and forms of the source that it covers."""
    amplification: int = 16
    """Bytes of memory that one byte of input may cost."""
    calls_a_byte: int = 1
    """Functions called for one byte of input."""
    base_calls: int = 5_000
    """Functions called for an input of no length: what it is compared with has a length of its own."""


def as_text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    """A reader of text, given bytes."""
    return lambda data: parse(data.decode("utf-8", "replace"))


IDENTITY: Final = (
    Target("link", links.parse_link, LINKS, (LinkError, *NEWER), (links.parse_link, links._CORE, links._OUTER)),
    Target("link in a chain", drivers.follow_chain, LINKS, (LinkError, *NEWER)),
    Target(
        "certificate",
        lambda data: opcert.verify_opcert(data, ROOT),
        (raw("opcerts", "identity"), raw("opcerts", "receipt")),
        (BadOpCert, *NEWER),
        (opcert._CORE, opcert._OUTER),
    ),
    Target(
        "restoration",
        lambda data: restorations.verify_restorations([data], ROOT, NOW_MS + 10_000),
        (raw("restorations", "statements", 0),),
        (BadRestoration, RestorationForged, RestorationOutOfOrder, *NEWER),
        (restorations.parse_restoration, restorations._CORE, restorations._OUTER),
    ),
    Target("public key", lambda data: keys.seal_to(data, b"x", b""), (raw("keys", "bob", "ek"),), (BadKey,)),
    Target(
        "sealed user key",
        lambda data: keys.open_user_key(data, drivers.BOB, drivers.BOBS_DEVICE, 1, drivers.BOBS_KEYS),
        (raw("keys", "bobs_user_key_sealed_to_his_device"),),
        (BadSealed,),
    ),
    Target("user key inside", drivers.open_user_key, (raw("keys", "bob", "user_key"),), (BadKey,)),
)
CONVERSATIONS: Final = (
    Target(
        "commit",
        commits.parse_commit,
        (FIRST.to_bytes(), SECOND.to_bytes(), SECOND.stripped().to_bytes()),
        (CommitError, *NEWER),
        (commits.parse_commit, commits._OUTER),
    ),
    Target(
        "commit at the server",
        caps.parse_capped,
        (FIRST.to_bytes(), SECOND.to_bytes()),
        (CommitError, TooManyMembers, *NEWER),
        (caps.parse_capped,),
    ),
    Target(
        "core of a commit",
        commits.parse_core,
        (FIRST.core_bytes, SECOND.core_bytes),
        (CommitError, *NEWER),
        (commits.parse_core, commits._CORE),
    ),
    Target(
        "history inside",
        drivers.open_history,
        (commits.pack_history({1: drivers.ES}),),
        (CommitError, BoxMissing),
        (commits._HISTORY,),
    ),
    Target(
        "envelope",
        lambda data: envelopes.open_envelope(data, drivers.ES, FIRST, drivers.KNOWN),
        (drivers.ENV,),
        (EnvelopeError, *NEWER),
        (envelopes.parse_header, envelopes._ENVELOPE, envelopes._HEADER),
    ),
    Target("content inside", drivers.open_content, (drivers.CONTENT,), (EnvelopeError, *NEWER), (envelopes._CONTENT,)),
    Target("body inside", drivers.open_body, (drivers.OPENED.body,), (EnvelopeError, *NEWER), (envelopes._BODY,)),
    Target("blob", lambda data: attachments.decrypt_blob(data, PHOTO), (BLOB,), (BlobDamaged,)),
)
PROOFS: Final = (
    Target(
        "deposit receipt",
        receipts.parse_receipt,
        (raw("deposit_receipt"),),
        (ReceiptError, *NEWER),
        (receipts.parse_receipt, receipts._DEPOSIT),
    ),
    Target(
        "read receipt",
        receipts.parse_read_receipt,
        (raw("read_receipt"),),
        (ReceiptError, *NEWER),
        (receipts.parse_read_receipt, receipts._READ_CORE, receipts._READ_OUTER),
    ),
    Target(
        "proof", proof.parse_proof, (raw("proof", "bytes"),), (ProofError, *NEWER), (proof.parse_proof, proof._PROOF)
    ),
    Target(
        "proof, verified",
        lambda data: proof.verify_proof(proof.parse_proof(data), ROOT),
        (raw("proof", "bytes"),),
        (ProtocolError,),
    ),
)
PERSONAL: Final = (
    Target(
        "vault entry",
        lambda data: vault.open_vault_entry(drivers.ALICES_KEY, drivers.ALICE, drivers.VAULT_CID, 3, data),
        (raw("vault", "sealed"),),
        (VaultEntryUnreadable,),
    ),
    Target(
        "wrap",
        lambda data: wraps.parse_wraps([wraps.parse_wrap(data).to_bytes()]),
        drivers.WRAPS,
        (RecoveryError, *NEWER),
        (wraps.parse_wrap, wraps.parse_wraps, wraps._WRAP, wraps._CODE, wraps._PASSPHRASE, wraps._PASSKEY),
    ),
    Target(
        "wrap, opened with the code",
        lambda data: recovery.unwrap_with_code(wraps.parse_wrap(data), drivers.ALICE, V1["recovery"]["code"]),
        drivers.WRAPS[:1],
        (RecoveryError, *NEWER),
    ),
    Target(
        "recovery code",
        as_text(recovery.parse_recovery_code),
        (text("recovery", "code"),),
        (BadCode,),
        (recovery.parse_recovery_code, codes.parse_code),
    ),
    Target(
        "passphrase",
        as_text(words.parse_passphrase),
        (text("recovery", "passphrase"), text("recovery", "passphrase_en")),
        (BadRecoveryPassphrase,),
        (words.parse_passphrase,),
    ),
    Target(
        "pairing code",
        as_text(pairing.pairing_keys),
        (text("pairing", "code"),),
        (BadCode,),
        (pairing.parse_pairing_code,),
    ),
    Target(
        "pairing URI",
        as_text(pairing.parse_pairing_uri),
        (text("pairing", "uri"),),
        (BadPairingUri, BadCode),
        (pairing.parse_pairing_uri,),
    ),
    Target(
        "offer",
        lambda data: pairing.parse_offer(drivers.PAIRING, data),
        (raw("pairing", "offer"),),
        (PairingError, *NEWER),
        (pairing.parse_offer,),
    ),
    Target("offer inside", drivers.open_offer, (drivers.OFFER,), (PairingError, *NEWER), (pairing._OFFER,)),
    Target(
        "answer",
        lambda data: pairing.parse_answer(drivers.PAIRING, raw("pairing", "offer"), data),
        (raw("pairing", "answer"),),
        (PairingError, *NEWER),
        (pairing.parse_answer,),
    ),
    Target(
        "answer inside",
        drivers.open_answer,
        (drivers.ANSWER,),
        (PairingError, LinkError, BadOpCert, *NEWER),
        (pairing._ANSWER,),
    ),
    Target(
        "safety card",
        safety.parse_safety_card,
        (raw("safety", "card_of_alice"), raw("safety", "card_of_bob")),
        (SafetyError, *NEWER),
        (safety.parse_safety_card, safety._CARD),
    ),
    Target(
        "tombstone",
        tombstones.parse_tombstone,
        (raw("statements", "tombstone"),),
        (StatementError, *NEWER),
        (tombstones.parse_tombstone,),
    ),
    Target(
        "acknowledgement",
        acknowledgements.parse_acknowledgement,
        (raw("statements", "acknowledgement"),),
        (StatementError, *NEWER),
        (acknowledgements.parse_acknowledgement,),
    ),
)
WIRE: Final = (
    Target(
        "frame of a client",
        lambda data: codec.decode(data, MAX_CLIENT_FRAME_BYTES),
        FRAMES,
        (BadFrame,),
    ),
    Target("frame of a server", codec.decode, FRAMES, (BadFrame,)),
    Target("server's session", drivers.take_as_server, FRAMES, ()),
    Target("client's session", drivers.take_as_client, FRAMES, ()),
)
KEY, DEVICE = b"k" * 32, DeviceId(b"d" * 16)
HTTP: Final = (
    Target(
        "range",
        as_text(lambda text: parse_range(text, 1000)),
        (b"bytes=0-99", b"bytes=5-"),
        (RangeRefused,),
        (parse_range,),
    ),
    Target("size", as_text(parse_size), (b"65536",), (BadRequest,), (parse_size,)),
    Target(
        "token",
        as_text(lambda text: parse_token(KEY, text, NOW)),
        (compose_token(KEY, DEVICE, NOW).encode(),),
        (TokenRefused,),
        (parse_token,),
    ),
    *(
        Target(f"body {shape.__name__}", read_as(shape), (sample,), (BadRequest, BodyTooLarge), (shape,))
        for shape, sample in request_shapes()
    ),
)
HPRIM: Final = tuple(path.read_bytes() for path in sorted((TESTS / "miss/documents/samples").glob("*.hpr")))
REPORT: Final = compose_report(structured.REPORT, structured.PDF)
QUESTION: Final = compose_request(structured.REQUEST)
ARCHIVE: Final = compose_archive(structured.REPORT, REPORT, structured.SUBMISSION)
METADATA: Final = compose_metadata([entry_of(structured.REPORT, REPORT, "DOC00001.XML")], structured.SUBMISSION)
DOCUMENTS: Final = (
    Target("HPRIM", parse_hprim_file, HPRIM, (NotHprim, HprimDateUnreadable), calls_a_byte=4),
    Target(
        "PDF of a stranger",
        inspect_pdf,
        (hostile.minimal(), hostile.minimal(b"/OpenAction<</S/J#61vaScript/JS(x)>>"), hostile.minimal(b"/X[[(a)]]")),
        (),
        calls_a_byte=40,
    ),
    Target("CDA", parse_cda, (REPORT, QUESTION), (XmlRefused, NotCda, CdaContentRefused)),
    Target("CDA, checked", check_cda, (REPORT, QUESTION), (XmlRefused, NotCda), calls_a_byte=4),
    Target("XDM archive", parse_archive, (ARCHIVE,), (ArchiveRefused, MetadataRefused, XmlRefused), calls_a_byte=4),
    Target("XDM metadata", parse_metadata, (METADATA,), (MetadataRefused, XmlRefused)),
)
MAIL_REPORTS: Final = (
    Target(
        "mail report",
        parse_report,
        (reports.dsn(), reports.mdn(), reports.KO_NEW, reports.KO_OLD),
        (ReportUnreadable,),
        calls_a_byte=4,
    ),
)
MAIL: Final = (
    Target("mail", parse_mail, (letters.RAW, letters.MIXED, letters.FORWARDED), (MailRefused,), calls_a_byte=40),
    Target("headers of a mail", technical_headers, (letters.RAW, letters.MIXED), (MailRefused,), calls_a_byte=10),
    Target(
        "Authentication-Results",
        as_text(parse_statement),
        (b"mx.example; dkim=pass (2048 bits) header.d=a.example; x-tls-client=pass policy.operator=op",),
        (),
        calls_a_byte=10,
    ),
    Target("trace of a mail", without_trace, (b"Received: by a;\r\n\tFri\r\nReturn-Path: <>\r\nFrom: a\r\n",), ()),
    Target("operators", as_text(parse_operators), (b"op=a.example b.example; x=c.example",), (OperatorsMalformed,)),
)
TARGETS: Final = (*IDENTITY, *CONVERSATIONS, *PROOFS, *PERSONAL, *WIRE, *HTTP, *DOCUMENTS, *MAIL_REPORTS, *MAIL)
