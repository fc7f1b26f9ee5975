"""Telephones' HEIC, decoded in a process of its own.

libheif and libde265 are large decoders in C and C++; damaged files have made them crash, and a crash must not take
the client with it.  The child gets the file on standard input, may use limited memory and time, and answers with a
PNG of the pixels; whatever else happens to it is a damaged photo.  protocol §8 (photos), docs/security.md §2 row 10
"""

import io
import os
import subprocess
import sys
from typing import Final

from miss.client.errors import PhotoDamaged, PhotoTooManyPixels

BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""ISO/IEC 23008-12: what follows `ftyp` in the first box."""
TIMEOUT_S: Final = 30.0
MEMORY_BYTES: Final = 2 * 1024**3
_TOO_MANY_PIXELS: Final = 3


def is_heic(data: bytes) -> bool:
    """True if the file says that it is one."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def decode_heic(data: bytes, *, max_side_px: int, max_pixels: int) -> bytes:
    """The upright picture as a PNG, its longer side at most `max_side_px`; its colour profile comes along.

    Raises PhotoTooManyPixels before anything is decoded, PhotoDamaged.
    """
    command = [sys.executable, "-m", __name__, str(max_side_px), str(max_pixels)]
    try:
        # Our own interpreter and module, two numbers.
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise PhotoDamaged from None
    if done.returncode == _TOO_MANY_PIXELS:
        raise PhotoTooManyPixels(max_megapixels=max_pixels // 1_000_000)
    if done.returncode or not done.stdout:
        raise PhotoDamaged
    return done.stdout


def _main(max_side_px: int, max_pixels: int) -> int:
    """The child: exit code 0 and a PNG, or another code and nothing."""
    # Imported here: the parent never loads the decoders.
    from pi_heif import register_heif_opener
    from PIL import Image, ImageOps

    _limit_memory()
    # libheif turns the picture upright by itself; side pictures are of no use.
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("HEIF",)) as image:
        if image.width * image.height > max_pixels:
            return _TOO_MANY_PIXELS
        image.thumbnail((max_side_px, max_side_px), Image.Resampling.LANCZOS, reducing_gap=3.0)
        upright = ImageOps.exif_transpose(image)
        upright.save(sys.stdout.buffer, "PNG", compress_level=1, icc_profile=image.info.get("icc_profile"), exif=b"")
    return 0


def _limit_memory() -> None:
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(_main(*map(int, sys.argv[1:])))
