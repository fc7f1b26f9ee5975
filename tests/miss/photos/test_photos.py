"""Photographs from outside: what leaves carries nothing but the picture, and no file can harm the server."""

import io
import struct
import zlib

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from miss.photos.reading import LONGEST_SIDE_PX, PhotoRefused, Refusal, sanitise
from miss.photos.sandbox import PhotoSandbox
from tests.miss.client.files.test_photo import HEIC


def jpeg(width: int = 400, height: int = 300, *, exif: bytes = b"") -> bytes:
    """A telephone's photograph: left half red, right half blue."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    output = io.BytesIO()
    image.save(output, "JPEG", quality=92, exif=exif)
    return output.getvalue()


def exif_of_a_telephone(orientation: int = 1) -> bytes:
    exif: bytes = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Telephone Fictif", piexif.ImageIFD.Orientation: orientation},
            "GPS": {piexif.GPSIFD.GPSLatitude: ((50, 1), (38, 1), (0, 1)), piexif.GPSIFD.GPSLatitudeRef: b"N"},
            "1st": {},
            "thumbnail": None,
        }
    )
    return exif


def png_header(width: int, height: int) -> bytes:
    """A PNG that declares a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def refusal_of(data: bytes) -> Refusal:
    with pytest.raises(PhotoRefused) as caught:
        sanitise(data)
    return caught.value.refusal


def test_nothing_of_the_origin_survives() -> None:
    original = jpeg(exif=exif_of_a_telephone()) + b"trailing secret"
    assert b"Telephone Fictif" in original
    clean = sanitise(original)
    assert b"Telephone Fictif" not in clean
    assert b"secret" not in clean
    assert b"Exif" not in clean
    assert opened(clean).getexif().get_ifd(0x8825) == {}
    assert opened(clean).format == "JPEG"


def test_a_large_photograph_is_reduced_and_keeps_its_shape() -> None:
    picture = opened(sanitise(jpeg(4000, 3000)))
    assert picture.size == (LONGEST_SIDE_PX, LONGEST_SIDE_PX * 3 // 4)


def test_a_small_photograph_is_not_enlarged() -> None:
    assert opened(sanitise(jpeg(400, 300))).size == (400, 300)


def test_a_photograph_taken_on_its_side_is_turned_upright() -> None:
    picture = opened(sanitise(jpeg(400, 300, exif=exif_of_a_telephone(orientation=6))))
    assert picture.size == (300, 400)
    top, bottom = picture.getpixel((150, 20)), picture.getpixel((150, 380))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > top[2]
    assert bottom[2] > 200 > bottom[0]


def test_transparency_is_shown_on_white() -> None:
    output = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(output, "PNG")
    assert opened(sanitise(output.getvalue())).getpixel((10, 10)) == (255, 255, 255)


def test_the_meaning_of_a_colour_profile_is_kept() -> None:
    # In this profile red and green stand exchanged for the reader: what was stored green must come out as the profile
    # says, not as the bare numbers say.
    lab_like = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    output = io.BytesIO()
    Image.new("RGB", (20, 20), (200, 30, 30)).save(output, "JPEG", quality=95, icc_profile=lab_like)
    clean = opened(sanitise(output.getvalue()))
    pixel = clean.getpixel((10, 10))
    assert isinstance(pixel, tuple)
    assert abs(pixel[0] - 200) < 6
    assert "icc_profile" not in clean.info


def test_a_sixty_thousand_square_png_is_refused_by_name() -> None:
    assert refusal_of(png_header(60_000, 60_000)) is Refusal.TOO_MANY_PIXELS


def test_a_picture_just_over_our_own_limit_is_refused() -> None:
    assert refusal_of(png_header(8_001, 10_000)) is Refusal.TOO_MANY_PIXELS


async def test_a_heic_of_a_telephone_becomes_an_upright_jpeg_without_its_origin() -> None:
    assert b"CANARY-CAMERA" in HEIC
    clean = await PhotoSandbox().sanitise(HEIC)
    picture = opened(clean)
    assert (picture.format, picture.size) == ("JPEG", (200, 400))
    assert b"CANARY" not in clean


@pytest.mark.parametrize("data", [HEIC[:900], HEIC[:300], b"\0\0\0\x18ftypheic" + bytes(100)])
def test_a_damaged_heic_is_unreadable(data: bytes) -> None:
    assert refusal_of(data) is Refusal.UNREADABLE


@pytest.mark.parametrize("brand", [b"avif", b"isom", b"mp42"])
def test_videos_and_other_kinds_of_that_family_are_refused_for_their_format(brand: bytes) -> None:
    assert refusal_of(b"\0\0\0\x18ftyp" + brand + HEIC[12:]) is Refusal.FORMAT


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 not a picture", jpeg()[:2000], b"\xff\xd8\xff\xe0" + bytes(50)])
def test_what_is_no_whole_picture_is_unreadable(data: bytes) -> None:
    assert refusal_of(data) is Refusal.UNREADABLE


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_are_refused_or_cleaned_never_anything_else(data: st.DataObject) -> None:
    damaged = bytearray(jpeg(40, 30, exif=exif_of_a_telephone()))
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        clean = sanitise(bytes(damaged))
    except PhotoRefused:
        return
    assert b"Telephone" not in clean


async def test_the_sandbox_answers_as_the_function_does() -> None:
    sandbox = PhotoSandbox()
    assert opened(await sandbox.sanitise(jpeg(4000, 3000))).size == (3072, 2304)
    with pytest.raises(PhotoRefused) as caught:
        await sandbox.sanitise(png_header(60_000, 60_000))
    assert caught.value.refusal is Refusal.TOO_MANY_PIXELS
    with pytest.raises(PhotoRefused) as caught:
        await sandbox.sanitise(b"nothing")
    assert caught.value.refusal is Refusal.UNREADABLE


async def test_a_child_that_does_not_answer_is_killed_and_counts_as_unreadable() -> None:
    with pytest.raises(PhotoRefused) as caught:
        await PhotoSandbox(timeout_s=0.0).sanitise(jpeg())
    assert caught.value.refusal is Refusal.UNREADABLE
