"""Everything the protocol refuses, by name.

    ProtocolError
    ├── BadFrame                                   the wire (§7); NotConnected stands apart, as Unavailable
    ├── UnsupportedVersion, UnsupportedSuite       an object of another version
    ├── BadKey, BadSealed                          keys and sealed boxes (§2)
    ├── BadOpCert, OpCertRefused                   the operator's certificates
    ├── LinkError: BadLink, LinkOutOfOrder, LinkForged, LinkNotCountersigned, LinkNotAllowed, UnknownLinkHead
    ├── CommitError: BadCommit, CommitOutOfOrder, CommitForged, CommitNotAllowed, CommitStale,
    │                BoxMissing, BoxUnreadable, WrongUserKey, WrongConfirmation
    ├── EnvelopeError: BadEnvelope, EnvelopeTooLarge, WrongCommit, UnknownSender, SenderNotMember,
    │                  WrongCommitKey, EnvelopeUnreadable, EnvelopeForged, BadBody
    ├── BlobError: BlobTooLarge, BlobDamaged, BlobRangeUnknown
    ├── ReceiptError: BadReceipt, ReceiptForged
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
    BadBody,
    BadEnvelope,
    BadProof,
    BadReceipt,
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
    UnknownSender,
    WrongCommit,
    WrongCommitKey,
)
from miss.protocol.errors.identity import (
    BadKey,
    BadLink,
    BadOpCert,
    BadSealed,
    LinkError,
    LinkForged,
    LinkNotAllowed,
    LinkNotCountersigned,
    LinkOutOfOrder,
    OpCertRefused,
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

__all__ = [
    "BadBody",
    "BadCommit",
    "BadEnvelope",
    "BadFrame",
    "BadKey",
    "BadLink",
    "BadOpCert",
    "BadProof",
    "BadReceipt",
    "BadSealed",
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
    "ProofAttachmentUnknown",
    "ProofError",
    "ProofMismatch",
    "ProofRootMismatch",
    "ProtocolError",
    "ReceiptError",
    "ReceiptForged",
    "SenderNotMember",
    "UnknownLinkHead",
    "UnknownSender",
    "UnsupportedSuite",
    "UnsupportedVersion",
    "WrongCommit",
    "WrongCommitKey",
    "WrongConfirmation",
    "WrongUserKey",
]
