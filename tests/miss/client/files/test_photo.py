"""Photos: what leaves is upright, small and silent about everything but its pixels; bad files have names."""

import io
import random
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from miss.base.errors import MissError
from miss.client.errors import PhotoDamaged, PhotoNotSupported, PhotoTooLarge, PhotoTooManyPixels
from miss.client.files.photo import MAX_FILE_BYTES, PhotoQuality, reduce_photo

UPRIGHT, ROTATED_LEFT = 1, 6
HEIC = Path(__file__).with_name("rotated.heic").read_bytes()
"""The scene of `jpeg((400, 200), ROTATED_LEFT)` without its lines, as a telephone stores it, with EXIF, GPS and XMP.

Made once with pillow-heif 1.8.1, whose encoder (x265) we do not install.
"""


def jpeg(size: tuple[int, int] = (64, 48), orientation: int = UPRIGHT, **options: object) -> bytes:
    """A scene with a red disc top left, and GPS coordinates in its EXIF."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for line in range(0, size[1], max(1, size[1] // 40)):
        draw.line((0, line, size[0], size[1] - line), fill=(line % 255, 90, 130), width=3)
    draw.ellipse((0, 0, size[0] // 4, size[1] // 4), fill=(200, 0, 0))
    degrees = tuple((Fraction(v).numerator, Fraction(v).denominator) for v in (48, 51, 24))
    exif = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Orientation: orientation, piexif.ImageIFD.Make: b"CANARY-CAMERA"},
            "GPS": {piexif.GPSIFD.GPSLatitudeRef: b"N", piexif.GPSIFD.GPSLatitude: degrees},
        }
    )
    target = io.BytesIO()
    image.save(target, "JPEG", quality=95, exif=exif, comment=b"CANARY-COMMENT", **options)
    return target.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces its dimensions and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


def test_a_12_megapixel_photo_with_gps_becomes_small_and_silent() -> None:
    original = jpeg((4000, 3000))
    assert b"CANARY-CAMERA" in original

    photo = reduce_photo(original)

    sent = Image.open(io.BytesIO(photo.content))
    assert sent.format == "JPEG"
    assert sent.size == (photo.width, photo.height) == (1600, 1200)
    assert len(photo.content) <= 400_000
    assert not sent.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(sent.info)
    assert b"CANARY" not in photo.content + photo.thumbnail
    assert b"Exif" not in photo.content + photo.thumbnail
    preview = Image.open(io.BytesIO(photo.thumbnail))
    assert preview.size == (160, 120)
    assert len(photo.thumbnail) <= 8 * 1024


def test_diagnostic_quality_keeps_more() -> None:
    photo = reduce_photo(jpeg((4000, 3000)), PhotoQuality.DIAGNOSTIC)

    assert (photo.width, photo.height) == (3072, 2304)


def test_orientation_is_applied() -> None:
    photo = reduce_photo(jpeg((400, 200), orientation=ROTATED_LEFT))

    sent = Image.open(io.BytesIO(photo.content))
    assert sent.size == (200, 400)
    red, green, _ = sent.getpixel((174, 50))  # type: ignore[misc]  # the disc was top left: now it is top right
    assert red > 150 > green


def test_a_telephones_heic_becomes_an_upright_and_silent_jpeg() -> None:
    assert b"CANARY-CAMERA" in HEIC
    assert b"CANARY-XMP" in HEIC

    photo = reduce_photo(HEIC)

    sent = Image.open(io.BytesIO(photo.content))
    assert (sent.format, sent.size) == ("JPEG", (200, 400))
    assert not sent.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(sent.info)
    assert b"CANARY" not in photo.content + photo.thumbnail
    red, green, _ = sent.getpixel((174, 50))  # type: ignore[misc]  # the disc was top left: now it is top right
    assert red > 150 > green


def test_a_small_photo_is_not_enlarged() -> None:
    assert reduce_photo(jpeg((64, 48))).width == 64


def test_noise_still_fits() -> None:
    noise = Image.frombytes("RGB", (1100, 1100), random.Random(1).randbytes(1100 * 1100 * 3))
    target = io.BytesIO()
    noise.save(target, "PNG", compress_level=1)

    photo = reduce_photo(target.getvalue())

    assert len(photo.content) <= 400_000
    assert len(photo.thumbnail) <= 8 * 1024
    assert Image.open(io.BytesIO(photo.content)).size == (photo.width, photo.height)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_every_kind_of_png(mode: str) -> None:
    grey = Image.new("L", (40, 30), 128)
    image = Image.new("I;16", (40, 30), 128 * 256) if mode == "I;16" else grey.convert(mode)
    target = io.BytesIO()
    image.save(target, "PNG")

    sent = Image.open(io.BytesIO(reduce_photo(target.getvalue()).content))

    assert sent.mode == "RGB"
    if mode != "1":
        assert abs(sent.getpixel((20, 15))[0] - 128) < 4  # type: ignore[index]


def test_transparency_becomes_white() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(target, "PNG")

    sent = Image.open(io.BytesIO(reduce_photo(target.getvalue()).content))

    assert min(sent.getpixel((10, 10))) > 250  # type: ignore[arg-type]


def test_colours_are_those_of_the_profile() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red_is_blue = srgb.replace(b"rXYZ", b"tmp ").replace(b"bXYZ", b"rXYZ").replace(b"tmp ", b"bXYZ")

    photo = reduce_photo(jpeg((400, 200), icc_profile=red_is_blue))

    red, _, blue = Image.open(io.BytesIO(photo.content)).getpixel((50, 25))  # type: ignore[misc]
    assert blue > 150 > red


def test_a_broken_profile_is_left_aside() -> None:
    assert reduce_photo(jpeg(icc_profile=b"CANARY-PROFILE")).content == reduce_photo(jpeg()).content


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (10_000, 8_001), (100_000, 950)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(PhotoTooManyPixels) as refused:
        reduce_photo(png_header(width, height))

    assert "80 mégapixels" in refused.value.sentence()


def test_too_heavy_a_file_is_not_even_opened() -> None:
    with pytest.raises(PhotoTooLarge):
        reduce_photo(bytes(MAX_FILE_BYTES + 1))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"GIF89a" + bytes(40)])
def test_what_is_no_jpeg_or_png(data: bytes) -> None:
    with pytest.raises(PhotoNotSupported):
        reduce_photo(data)


@pytest.mark.parametrize(
    "data", [jpeg()[:700], png_header(40, 40), jpeg()[:300], HEIC[:900], HEIC[:300], b"\0\0\0\x18ftypheic" + bytes(40)]
)
def test_a_cut_photo(data: bytes) -> None:
    with pytest.raises((PhotoDamaged, PhotoNotSupported)):
        reduce_photo(data)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about the EXIF block it reads orientation from
@settings(max_examples=60, deadline=None)
@given(st.sampled_from([jpeg(), png_header(8, 8), HEIC]), st.data())
def test_damage_has_a_name(original: bytes, data: st.DataObject) -> None:
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        photo = reduce_photo(bytes(damaged))
    except MissError:
        return
    assert Image.open(io.BytesIO(photo.content)).format == "JPEG"
