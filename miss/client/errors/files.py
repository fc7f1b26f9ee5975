"""What is refused of files."""

from miss.base.errors import BadInput, TooLarge
from miss.base.text import Text
from miss.client.errors.base import ClientError


class FileError(ClientError, BadInput):
    """A file that cannot be sent."""

    code = "client_file"
    http_status = 400


class FileNotSupported(FileError):
    """Its content is not that of a PDF; `name` is the file's."""

    code = "outgoing_file_not_supported"
    text = Text(
        fr="« {name} » n'est pas un PDF. Enregistrez-le en PDF, ou envoyez-le comme photo (JPEG, PNG, HEIC).",
        en="{name} is not a PDF. Save it as PDF, or send it as a photo (JPEG, PNG, HEIC).",
    )


class FileTooLarge(FileError, TooLarge):
    """Heavier than what the server keeps."""

    code = "outgoing_file_too_large"
    http_status = 413
    text = Text(
        fr="« {name} » est trop lourd ({size_bytes} octets, maximum {max_bytes}). Réduisez-le ou divisez-le.",
        en="{name} is too heavy ({size_bytes} bytes, at most {max_bytes}). Make it smaller or split it.",
    )


class FileDamaged(FileError):
    """Begins like a PDF, and has no end."""

    code = "outgoing_file_damaged"
    text = Text(
        fr="« {name} » est incomplet ou altéré. Ouvrez-le pour le vérifier, puis réessayez.",
        en="{name} is incomplete or damaged. Open it to check, then try again.",
    )
