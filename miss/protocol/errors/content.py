"""What is refused of envelopes, attachments and receipts.  protocol §3"""

from miss.base.text import Text
from miss.protocol.errors.base import ProtocolError


class EnvelopeError(ProtocolError):
    """A message does not hold."""

    code = "envelope"
    text = Text(
        fr="Un message reçu n’a pas pu être vérifié ; son contenu n’est pas affiché.",
        en="A received message could not be verified; its content is not shown.",
    )


class BadEnvelope(EnvelopeError):
    """Not an envelope."""

    code = "bad_envelope"


class EnvelopeTooLarge(EnvelopeError):
    """Over 64 KiB once sealed."""

    code = "envelope_too_large"
    http_status = 413
    text = Text(
        fr="Ce message est trop long ({size_bytes} octets, maximum {max_bytes}). Écrivez moins ou joignez un fichier.",
        en="This message is too long ({size_bytes} bytes, at most {max_bytes}). Shorten it or attach a file.",
    )


class WrongCommit(EnvelopeError):
    """Sealed under another conversation or epoch than the one at hand."""

    code = "wrong_commit"


class UnknownSender(EnvelopeError):
    """The device is in none of the members' chains."""

    code = "unknown_sender"


class SenderNotMember(EnvelopeError):
    """A known device, of somebody who was not a member at that commit."""

    code = "sender_not_member"


class WrongCommitKey(EnvelopeError):
    """The envelope is not bound to the key that its epoch gives."""

    code = "wrong_commit_key"


class EnvelopeUnreadable(EnvelopeError):
    """The content does not decrypt, or its padding is wrong."""

    code = "envelope_unreadable"


class EnvelopeForged(EnvelopeError):
    """The content decrypts, but the sender's signature is wrong."""

    code = "envelope_forged"


class BadBody(EnvelopeError):
    """Signed content of a shape this version does not know, or that contradicts its header."""

    code = "bad_body"


class BlobError(ProtocolError):
    """An attachment does not hold."""

    code = "blob"
    text = Text(fr="Une pièce jointe n’a pas pu être lue.", en="An attachment could not be read.")


class BlobTooLarge(BlobError):
    """Over 16 MiB once encrypted."""

    code = "blob_too_large"
    http_status = 413
    text = Text(
        fr="Ce fichier est trop lourd ({size_bytes} octets, maximum {max_bytes}). Réduisez-le, puis réessayez.",
        en="This file is too large ({size_bytes} bytes, at most {max_bytes}). Reduce it or send it in parts.",
    )


class BlobDamaged(BlobError):
    """Changed, cut short or encrypted with another key; `reason` says what was seen."""

    code = "blob_damaged"
    text = Text(
        fr="Une pièce jointe est incomplète ou altérée ({reason}). Demandez à l’expéditeur de la renvoyer.",
        en="An attachment is incomplete or altered ({reason}). Ask the sender to send it again.",
    )


class BlobRangeUnknown(BlobError):
    """A range outside the file."""

    code = "blob_range_unknown"
    http_status = 416


class ReceiptError(ProtocolError):
    """A receipt proves nothing."""

    code = "receipt"
    text = Text(
        fr="Un accusé de dépôt ou de lecture n’a pas pu être vérifié.",
        en="A receipt of deposit or of reading could not be verified.",
    )


class BadReceipt(ReceiptError):
    """Not a receipt."""

    code = "bad_receipt"


class ReceiptForged(ReceiptError):
    """The signature is wrong, or its signer does not count."""

    code = "receipt_forged"
