"""Images that a member sends to a correspondent: up to six, behind a link that expires, sealed under a key each.

`model` and `letter` are pure; `correspondents` says who may be written to; `album` holds what was sealed; `service`
sends, shows and withdraws; `retention` destroys.
"""

from miss.mail.images.album import Album
from miss.mail.images.correspondents import Correspondents, Reached
from miss.mail.images.model import MAX_IMAGE_BYTES, MAX_IMAGES, Sending, State, Way, Words, image_name, read_words
from miss.mail.images.retention import ImageRetention
from miss.mail.images.service import ImageRules, ImageSendings, Listed, Opened

__all__ = [
    "MAX_IMAGES",
    "MAX_IMAGE_BYTES",
    "Album",
    "Correspondents",
    "ImageRetention",
    "ImageRules",
    "ImageSendings",
    "Listed",
    "Opened",
    "Reached",
    "Sending",
    "State",
    "Way",
    "Words",
    "image_name",
    "read_words",
]
