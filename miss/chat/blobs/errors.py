"""What this room refuses."""

from miss.base.errors import BadInput
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
