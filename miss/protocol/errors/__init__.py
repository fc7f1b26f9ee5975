"""Everything the protocol refuses, by name.

    ProtocolError
    ├── BadFrame                                   the wire (§7); NotConnected stands apart, as Unavailable
    ├── UnsupportedVersion, UnsupportedSuite       an object of another version
    ├── BadKey, BadSealed                          keys and sealed boxes (§2)
    ├── BadOpCert, OpCertRefused                   the operator's certificates
    ├── RestorationError: BadRestoration, RestorationForged, RestorationOutOfOrder (§5)
    ├── LinkError: BadLink, LinkOutOfOrder, LinkForged, LinkNotCountersigned, LinkNotAllowed, UnknownLinkHead
    ├── CommitError: BadCommit, CommitOutOfOrder, CommitForged, CommitNotAllowed, CommitStale,
    │                BoxMissing, BoxUnreadable, WrongUserKey, WrongConfirmation
    ├── EnvelopeError: BadEnvelope, EnvelopeTooLarge, WrongCommit, UnknownSender, SenderNotMember,
    │                  WrongCommitKey, EnvelopeUnreadable, EnvelopeForged, BadBody
    ├── BlobError: BlobTooLarge, BlobDamaged, BlobRangeUnknown
    ├── ReceiptError: BadReceipt, ReceiptForged
    ├── StatementError: BadTombstone, TombstoneForged, BadAcknowledgement, AcknowledgementForged
    ├── VaultEntryUnreadable                       the vault (§5)
    ├── BadCode: BadRecoveryCode, BadPairingCode   what people type (§5)
    ├── RecoveryError: BadRecoveryPassphrase, WrongRecoverySecret, WrongRecoveryMethod, BadWrap, WrapTooCostly
    ├── PairingError: BadPairing, BadPairingUri, PairingUnreadable, PairingMismatch
    ├── SafetyError: BadSafetyCard, SafetyMismatch (§6)
    └── ProofError: BadProof, ProofRootMismatch, ProofMismatch, ProofAttachmentUnknown (§6)

A client shows these for a message or a contact in place of the content; the parameters hold reasons, numbers and
names of fields, never content.
"""

from miss.protocol.errors.base import (
    BadFrame,
    NotConnected,
    ProtocolError,
    UnsupportedSuite,
    UnsupportedVersion,
)
from miss.protocol.errors.content import (
    AcknowledgementForged,
    BadAcknowledgement,
    BadBody,
    BadEnvelope,
    BadProof,
    BadReceipt,
    BadTombstone,
    BlobDamaged,
    BlobError,
    BlobRangeUnknown,
    BlobTooLarge,
    EnvelopeError,
    EnvelopeForged,
    EnvelopeTooLarge,
    EnvelopeUnreadable,
    ProofAttachmentUnknown,
    ProofError,
    ProofMismatch,
    ProofRootMismatch,
    ReceiptError,
    ReceiptForged,
    SenderNotMember,
    StatementError,
    TombstoneForged,
    UnknownSender,
    WrongCommit,
    WrongCommitKey,
)
from miss.protocol.errors.identity import (
    BadKey,
    BadLink,
    BadOpCert,
    BadRestoration,
    BadSealed,
    LinkError,
    LinkForged,
    LinkNotAllowed,
    LinkNotCountersigned,
    LinkOutOfOrder,
    OpCertRefused,
    RestorationError,
    RestorationForged,
    RestorationOutOfOrder,
    UnknownLinkHead,
)
from miss.protocol.errors.membership import (
    BadCommit,
    BoxMissing,
    BoxUnreadable,
    CommitError,
    CommitForged,
    CommitNotAllowed,
    CommitOutOfOrder,
    CommitStale,
    WrongConfirmation,
    WrongUserKey,
)
from miss.protocol.errors.recovery import (
    BadCode,
    BadPairing,
    BadPairingCode,
    BadPairingUri,
    BadRecoveryCode,
    BadRecoveryPassphrase,
    BadSafetyCard,
    BadWrap,
    PairingError,
    PairingMismatch,
    PairingUnreadable,
    RecoveryError,
    SafetyError,
    SafetyMismatch,
    VaultEntryUnreadable,
    WrapTooCostly,
    WrongRecoveryMethod,
    WrongRecoverySecret,
)

__all__ = [
    "AcknowledgementForged",
    "BadAcknowledgement",
    "BadBody",
    "BadCode",
    "BadCommit",
    "BadEnvelope",
    "BadFrame",
    "BadKey",
    "BadLink",
    "BadOpCert",
    "BadPairing",
    "BadPairingCode",
    "BadPairingUri",
    "BadProof",
    "BadReceipt",
    "BadRecoveryCode",
    "BadRecoveryPassphrase",
    "BadRestoration",
    "BadSafetyCard",
    "BadSealed",
    "BadTombstone",
    "BadWrap",
    "BlobDamaged",
    "BlobError",
    "BlobRangeUnknown",
    "BlobTooLarge",
    "BoxMissing",
    "BoxUnreadable",
    "CommitError",
    "CommitForged",
    "CommitNotAllowed",
    "CommitOutOfOrder",
    "CommitStale",
    "EnvelopeError",
    "EnvelopeForged",
    "EnvelopeTooLarge",
    "EnvelopeUnreadable",
    "LinkError",
    "LinkForged",
    "LinkNotAllowed",
    "LinkNotCountersigned",
    "LinkOutOfOrder",
    "NotConnected",
    "OpCertRefused",
    "PairingError",
    "PairingMismatch",
    "PairingUnreadable",
    "ProofAttachmentUnknown",
    "ProofError",
    "ProofMismatch",
    "ProofRootMismatch",
    "ProtocolError",
    "ReceiptError",
    "ReceiptForged",
    "RecoveryError",
    "RestorationError",
    "RestorationForged",
    "RestorationOutOfOrder",
    "SafetyError",
    "SafetyMismatch",
    "SenderNotMember",
    "StatementError",
    "TombstoneForged",
    "UnknownLinkHead",
    "UnknownSender",
    "UnsupportedSuite",
    "UnsupportedVersion",
    "VaultEntryUnreadable",
    "WrapTooCostly",
    "WrongCommit",
    "WrongCommitKey",
    "WrongConfirmation",
    "WrongRecoveryMethod",
    "WrongRecoverySecret",
    "WrongUserKey",
]
