"""What this room refuses."""

from miss.base.errors import BadInput, Conflict
from miss.base.text import Text


class RangeRefused(BadInput):
    """A byte range outside the file (RFC 9110 §15.5.17)."""

    code = "range_refused"
    http_status = 416
    text = Text(
        fr="La partie demandée est hors du fichier ({size_bytes} octets).",
        en="The part asked for lies outside the file ({size_bytes} bytes).",
    )


class BlobEmpty(BadInput):
    """An upload without a byte."""

    code = "blob_empty"
    text = Text(fr="Le fichier déposé est vide.", en="The uploaded file is empty.")


class BlobsFull(Conflict):
    """The uploader's establishment keeps as many bytes of attachments as it may."""

    code = "blobs_full"
    text = Text(
        fr="Votre établissement garde déjà toutes les pièces jointes que son quota permet. Envoyez sans cette pièce, "
        "ou demandez à son administrateur de faire relever ce quota, puis réessayez.",
        en="Your establishment already keeps as many attachments as its quota allows. Send without this file, or ask "
        "its administrator to have the quota raised, then try again.",
    )


class UploadOffset(Conflict):
    """A part that does not begin where the upload stands; `offset` says where that is."""

    code = "upload_offset"
    text = Text(
        fr="Le dépôt du fichier reprend à un autre endroit ({offset} octets déjà reçus).",
        en="The upload goes on elsewhere ({offset} bytes received so far).",
    )

    def __init__(self, *, offset: int) -> None:
        super().__init__(offset=offset)


class UploadParts(Conflict):
    """One file in too many parts."""

    code = "upload_parts"
    text = Text(
        fr="Le fichier a été envoyé en trop de morceaux (maximum {max}). Recommencez le dépôt.",
        en="The file was sent in too many parts (at most {max}). Start the upload again.",
    )
