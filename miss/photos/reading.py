"""Make a photograph safe to keep: decoded, turned upright, reduced, written anew without a trace of its origin.

What leaves is a JPEG of our own making: no EXIF, GPS, XMP, thumbnail or trailing bytes survive
(security.md §2, row 11).
Decoding what strangers send happens in a process of its own (`sandbox`): this file is also that process, so it
imports nothing of ours.  It refuses what it cannot decode, and what would not fit in memory once decoded, by a word
from `Refusal`; it never guesses.

Source: teleexpertise.md §2 (request photos at 3072 px), security.md §2, row 10 and row 11.
"""

import io
import sys
import warnings
from enum import StrEnum
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

LONGEST_SIDE_PX = 3072
LARGEST_PIXELS = 80_000_000
"""Above what telephones take, and below what Pillow itself suspects: beyond, a bomb or a scan nobody needs."""
JPEG_QUALITY = 88
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
"""JPEG covers the MPO files that several telephones write under its name: their first picture is taken."""
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""ISO/IEC 23008-12: what follows `ftyp` in the first box of a telephone's HEIC."""

MEMORY_BYTES = 1 << 30
CPU_S = 15


class Refusal(StrEnum):
    """Why a photograph was not taken."""

    UNREADABLE = "unreadable"
    TOO_MANY_PIXELS = "too_many_pixels"
    FORMAT = "format"
    """A picture in a format we do not decode, or a video."""


class PhotoRefused(Exception):
    """`refusal` says why; the text of the decoder's own error is dropped, as it may quote the file."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def sanitise(data: bytes) -> bytes:
    """A JPEG of at most `LONGEST_SIDE_PX` a side, upright, in sRGB, without metadata.  Raises PhotoRefused."""
    if data[4:8] == b"ftyp":
        _open_heic(data[8:12])
    try:
        with warnings.catch_warnings():
            # Damaged metadata is dropped anyway; but where Pillow suspects a decompression bomb, we refuse.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _rewrite(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise PhotoRefused(Refusal.TOO_MANY_PIXELS) from None
    except UnidentifiedImageError:
        raise PhotoRefused(Refusal.UNREADABLE) from None
    except (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, ArithmeticError, RuntimeError):
        # What the decoders let through on damaged files is not one family of errors.
        raise PhotoRefused(Refusal.UNREADABLE) from None


def _open_heic(brand: bytes) -> None:
    """Have Pillow know HEIC (H.265, as telephones write it); AV1, videos and the rest of that family are refused."""
    if brand not in HEIC_BRANDS:
        raise PhotoRefused(Refusal.FORMAT)
    # Imported here: a process that meets no HEIC never loads its decoders.
    from pi_heif import register_heif_opener

    # libheif turns the picture upright by itself; side pictures are of no use; one thread keeps to our memory.
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def _rewrite(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > LARGEST_PIXELS:
            raise PhotoRefused(Refusal.TOO_MANY_PIXELS)
        # JPEG decodes straight to a half or a quarter: most of the time and memory of a large photograph.
        image.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        image.load()
        upright = ImageOps.exif_transpose(image)
        reduced = _in_srgb(_flat(upright), image.info.get("icc_profile"))
        reduced.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
        output = io.BytesIO()
        # A new image carries no `info`: nothing of the original's metadata can be written by accident.
        clean = Image.new("RGB", reduced.size)
        clean.paste(reduced)
        clean.save(output, "JPEG", quality=JPEG_QUALITY, optimize=True)
        return output.getvalue()


def _flat(image: Image.Image) -> Image.Image:
    """In RGB, transparency shown on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The profile goes with the metadata, so the colours it meant are computed first: a rash is read by its red."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image
    return image if converted is None else converted


def _limit_this_process() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(source: BinaryIO, target: BinaryIO) -> None:
    """One photograph from `source`; to `target` either `+` and the JPEG, or `-` and the refusal's word."""
    _limit_this_process()
    try:
        target.write(b"+" + sanitise(source.read()))
    except PhotoRefused as refused:
        target.write(b"-" + refused.refusal.encode())
    target.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
