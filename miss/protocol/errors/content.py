"""What is refused of envelopes, attachments, receipts, statements and proofs.  protocol §3, §6"""

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


class StatementError(ProtocolError):
    """A deletion or an acknowledgement that nobody entitled has signed."""

    code = "statement"
    text = Text(
        fr="Une suppression ou une prise en compte n’a pas pu être vérifiée ; elle est ignorée.",
        en="A deletion or an acknowledgement could not be verified; it is ignored.",
    )


class BadTombstone(StatementError):
    """Not a tombstone."""

    code = "bad_tombstone"


class TombstoneForged(StatementError):
    """Not signed by a device of the message's author."""

    code = "tombstone_forged"


class BadAcknowledgement(StatementError):
    """Not an acknowledgement."""

    code = "bad_acknowledgement"


class AcknowledgementForged(StatementError):
    """Not signed by a device of the person it names."""

    code = "acknowledgement_forged"


class ProofError(ProtocolError):
    """An exported proof of a message does not hold."""

    code = "proof"
    text = Text(fr="Cette preuve n’a pas pu être vérifiée.", en="This proof could not be verified.")


class BadProof(ProofError):
    """Not a proof."""

    code = "bad_proof"
    text = Text(
        fr="Ce fichier n’est pas une preuve de MiSS, ou il a été altéré ({reason}). Demandez-en une nouvelle copie.",
        en="This file is not a MiSS proof, or it was altered ({reason}). Ask for another copy.",
    )


class ProofRootMismatch(ProofError):
    """Certified by another operator than the one expected."""

    code = "proof_root_mismatch"
    text = Text(
        fr="Cette preuve n’est pas certifiée par l’opérateur attendu. Vérifiez l’empreinte auprès de l’opérateur.",
        en="This proof is not certified by the expected operator. Check the fingerprint with the operator.",
    )


class ProofMismatch(ProofError):
    """Each part may be genuine, but they do not belong together; `part` says which."""

    code = "proof_mismatch"
    text = Text(
        fr="Les parties de cette preuve ne vont pas ensemble ({part}).",
        en="The parts of this proof do not belong together ({part}).",
    )


class ProofAttachmentUnknown(ProofError):
    """The file is no attachment of the message, as the server keeps them."""

    code = "proof_attachment_unknown"
    text = Text(
        fr="Ce fichier n’est pas une pièce jointe de ce message. "
        "Donnez la pièce chiffrée, telle que « miss proof export --attachments » l’enregistre.",
        en="This file is no attachment of this message. "
        "Give the encrypted one, as `miss proof export --attachments` saves it.",
    )
