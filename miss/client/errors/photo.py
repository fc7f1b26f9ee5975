"""What is refused of pictures."""

from miss.base.errors import BadInput, TooLarge
from miss.base.text import Text
from miss.client.errors.base import ClientError


class PhotoError(ClientError, BadInput):
    """A picture that cannot be sent."""

    code = "client_photo"
    http_status = 400


class PhotoTooLarge(PhotoError, TooLarge):
    """The file is too heavy to be looked at."""

    code = "outgoing_photo_too_large"
    http_status = 413
    text = Text(
        fr="Cette photo est trop lourde ({size_bytes} octets, maximum {max_bytes}). Choisissez-en une plus légère.",
        en="This photo is too heavy ({size_bytes} bytes, at most {max_bytes}). Choose a lighter one.",
    )


class PhotoTooManyPixels(PhotoError, TooLarge):
    """Its dimensions would exhaust the device's memory; nothing was decoded."""

    code = "outgoing_photo_too_many_pixels"
    http_status = 413
    text = Text(
        fr="Cette photo a des dimensions excessives (maximum {max_megapixels} mégapixels). Réduisez-la avant l'envoi.",
        en="This photo's dimensions are excessive (at most {max_megapixels} megapixels). Reduce it before sending.",
    )


class PhotoNotSupported(PhotoError):
    """Not a JPEG, a PNG or a HEIC."""

    code = "outgoing_photo_not_supported"
    text = Text(
        fr="Ce fichier n'est pas une photo JPEG, PNG ou HEIC. Choisissez une photo dans l'un de ces formats.",
        en="This file is not a JPEG, PNG or HEIC photo. Choose a photo in one of these formats.",
    )


class PhotoDamaged(PhotoError):
    """Begins like a photo, and cannot be decoded to the end."""

    code = "outgoing_photo_damaged"
    text = Text(
        fr="Cette photo est incomplète ou altérée. Reprenez-la ou choisissez-en une autre.",
        en="This photo is incomplete or damaged. Take it again or choose another one.",
    )
