"""Names of attachments, made fit for a file system and for a page."""

import re
import unicodedata

MAX_CHARS = 120

_EXTENSIONS = {
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/xml": ".xml",
    "application/zip": ".zip",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "message/rfc822": ".eml",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/xml": ".xml",
}
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


def safe_name(declared: str, mime_type: str, rank: int) -> str:
    """The last component of `declared` without characters that hide, reorder or escape; `piece-{rank}.ext` if none.

    At most MAX_CHARS characters, the extension kept.
    """
    last = unicodedata.normalize("NFC", declared).replace("\\", "/").rpartition("/")[2]
    visible = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029")
    name = _FORBIDDEN.sub("_", visible).strip(" .")
    if not name:
        return f"piece-{rank}{_EXTENSIONS.get(mime_type, '.bin')}"
    if _DEVICE.match(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if len(name) <= MAX_CHARS or not stem or len(extension) > 10:
        return name[:MAX_CHARS].rstrip(" .")
    return stem[: MAX_CHARS - len(extension) - 1].rstrip(" .") + dot + extension
