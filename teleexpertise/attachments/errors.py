"""Why one file of a request was not taken."""

from miss.base.errors import BadInput
from miss.base.text import Text


class AttachmentRefused(BadInput):
    """One file of a request was not taken: the `rank`-th.  Its name stays out of the log: it may be a patient's."""

    def __init__(self, *, rank: int, **params: object) -> None:
        super().__init__(rank=rank, **params)


class PhotoUnreadable(AttachmentRefused):
    """A picture that does not decode."""

    code = "photo_unreadable"
    text = Text(
        fr="La pièce n° {rank} est illisible : le fichier est abîmé ou n’est pas une image. Reprenez la photo ou "
        "exportez-la en JPEG.",
        en="Attachment no. {rank} cannot be read: it is damaged or not a picture. Take the photograph again or export "
        "it as JPEG.",
    )


class PhotoTooManyPixels(AttachmentRefused):
    """A picture that would not fit in memory once decoded: a scan, or an attack."""

    code = "photo_too_many_pixels"
    text = Text(
        fr="L’image de la pièce n° {rank} compte trop de pixels (80 millions au plus). Réduisez-la avant de l’envoyer.",
        en="The picture in attachment no. {rank} has too many pixels (at most 80 million). Reduce it before you "
        "send it.",
    )


class AttachmentFormat(AttachmentRefused):
    """A kind of file that the platform does not take."""

    code = "attachment_format"
    text = Text(
        fr="Le format de la pièce n° {rank} n’est pas accepté. Envoyez les photos en JPEG, PNG, WebP ou HEIC, les "
        "documents en PDF.",
        en="The format of attachment no. {rank} is not accepted. Send photographs as JPEG, PNG, WebP or HEIC, "
        "documents as PDF.",
    )


class AttachmentTooLarge(AttachmentRefused):
    """Over the limit for one file."""

    code = "attachment_too_large"
    http_status = 413
    text = Text(
        fr="La pièce n° {rank} dépasse {limit_mb} Mo. Réduisez-la avant de l’envoyer.",
        en="Attachment no. {rank} is over {limit_mb} MB. Reduce it before you send it.",
    )


class TooManyAttachments(AttachmentRefused):
    """More files than a request takes: the `rank`-th and those after it were left out."""

    code = "too_many_attachments"
    http_status = 413
    text = Text(
        fr="Une demande comporte au plus {limit} pièces : la pièce n° {rank} et les suivantes n’ont pas été prises. "
        "Gardez les plus parlantes.",
        en="A request holds at most {limit} files: attachment no. {rank} and those after it were not taken. Keep the "
        "most telling ones.",
    )
