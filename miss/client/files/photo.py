"""A photo made fit to send: upright, small, and telling nothing but its pixels.  protocol §8

Refuses pictures too large to decode before decoding them, and never enlarges one.  What goes out is a plain JPEG
made from the pixels alone: no EXIF, position, XMP, comment or colour profile (colours are converted to sRGB first,
since a rash must keep its red).  `reduce_photo` takes a second of processor time: asynchronous code runs it in a
thread.
"""

import io
from dataclasses import dataclass
from enum import Enum
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from miss.client.errors import PhotoDamaged, PhotoNotSupported, PhotoTooLarge, PhotoTooManyPixels
from miss.client.files.heic import decode_heic, is_heic

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_PIXELS: Final = 80_000_000
"""Below Pillow's own warning; a decoded picture of this size takes 240 MB for a moment."""
THUMBNAIL_PX: Final = 160
MAX_THUMBNAIL_BYTES: Final = 8_000
MIME: Final = "image/jpeg"

_QUALITIES: Final = (88, 82, 76, 70, 64, 56, 48, 40)
_SHRINK: Final = 0.85
"""Of each side, when the lowest quality is still too heavy (grain, noise)."""
_WHITE: Final = (255, 255, 255)
_DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
)
"""What the decoders of Pillow raise for damaged files."""


class PhotoQuality(Enum):
    """How much of the detail travels: longest side in pixels, weight in bytes."""

    STANDARD = (1600, 400_000)
    DIAGNOSTIC = (3072, 1_600_000)

    @property
    def max_side_px(self) -> int:
        return self.value[0]

    @property
    def max_bytes(self) -> int:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class ReducedPhoto:
    """A JPEG ready to be encrypted, and its inline preview (a JPEG too)."""

    content: bytes
    width: int
    height: int
    thumbnail: bytes


def reduce_photo(data: bytes, quality: PhotoQuality = PhotoQuality.STANDARD) -> ReducedPhoto:
    """Reduce a JPEG, PNG or HEIC file to what `quality` allows.

    Raises PhotoTooLarge, PhotoTooManyPixels (both before anything is decoded), PhotoNotSupported, PhotoDamaged.
    """
    pixels, content = _compress(read_photo(data, quality.max_side_px), quality.max_bytes)
    preview = pixels.copy()
    preview.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
    _, thumbnail = _compress(preview, MAX_THUMBNAIL_BYTES)
    return ReducedPhoto(content, pixels.width, pixels.height, thumbnail)


def read_photo(data: bytes, max_side_px: int) -> Image.Image:
    """The upright sRGB pixels of a JPEG, PNG or HEIC file, at most so wide and high.  Raises as `reduce_photo`."""
    if len(data) > MAX_FILE_BYTES:
        raise PhotoTooLarge(size_bytes=len(data), max_bytes=MAX_FILE_BYTES)
    if is_heic(data):
        data = decode_heic(data, max_side_px=max_side_px, max_pixels=MAX_PIXELS)
    return _decode(data, max_side_px)


def _decode(data: bytes, max_side_px: int) -> Image.Image:
    """The upright sRGB pixels of `data`, at most `max_side_px` wide and high, without any metadata."""
    with _open(data) as image:
        if image.width * image.height > MAX_PIXELS:
            raise PhotoTooManyPixels(max_megapixels=MAX_PIXELS // 1_000_000)
        try:
            # A JPEG is decoded straight to a fraction of its size when that is enough.
            image.draft(None, (max_side_px, max_side_px))
            image.thumbnail((max_side_px, max_side_px), Image.Resampling.LANCZOS, reducing_gap=3.0)
            pixels = _to_srgb(ImageOps.exif_transpose(image))
        except _DECODER_ERRORS:
            raise PhotoDamaged from None
    return Image.frombytes("RGB", pixels.size, pixels.tobytes())


def _open(data: bytes) -> Image.Image:
    """Read the header only."""
    try:
        return Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooManyPixels(max_megapixels=MAX_PIXELS // 1_000_000) from None
    except UnidentifiedImageError:
        raise PhotoNotSupported from None
    except _DECODER_ERRORS:
        raise PhotoDamaged from None


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = image.point(lambda level: level / 256).convert("L")  # 16 bits of grey; `convert` alone would clip
    if image.has_transparency_data:
        over = image.convert("RGBA")
        image = Image.new("RGBA", image.size, (*_WHITE, 255))
        image.alpha_composite(over)
    if profile and image.mode in {"RGB", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, TypeError):
            converted = None  # an unreadable profile: the plain conversion below is what every viewer falls back to
        image = converted or image
    return image.convert("RGB")


def _compress(pixels: Image.Image, max_bytes: int) -> tuple[Image.Image, bytes]:
    """The best JPEG of at most `max_bytes`, and the pixels it holds (fewer if no quality was low enough)."""
    while True:
        for quality in _QUALITIES:
            target = io.BytesIO()
            pixels.save(target, "JPEG", quality=quality, optimize=True, progressive=True)
            if target.tell() <= max_bytes:
                return pixels, target.getvalue()
        size = max(1, int(pixels.width * _SHRINK)), max(1, int(pixels.height * _SHRINK))
        pixels = pixels.resize(size, Image.Resampling.LANCZOS)
