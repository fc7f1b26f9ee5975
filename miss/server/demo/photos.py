"""Pictures as a phone takes them: twelve megapixels, a position in their EXIF."""

import io
import math

from PIL import Image, ImageDraw, ImageFilter

WIDTH_PX, HEIGHT_PX = 4000, 3000
GPS_IFD = 0x8825
DUNKERQUE = ((51.0, 2.0, 13.0), (2.0, 22.0, 36.0))
"""Latitude north and longitude east in degrees, minutes, seconds: what must not leave the phone."""


def take_photo(diameter_px: int = 520, quality: int = 93) -> bytes:
    """A JPEG of a fictive lesion beside a ruler, 12 megapixels, with GPS coordinates and a camera's name."""
    picture = _skin()
    draw = ImageDraw.Draw(picture)
    centre = (WIDTH_PX // 2, HEIGHT_PX // 2)
    # An asymmetric outline: the radius varies with the angle.
    outline = [
        (
            centre[0]
            + diameter_px / 2 * (1 + 0.18 * math.sin(3 * angle) + 0.1 * math.cos(7 * angle)) * math.cos(angle),
            centre[1]
            + diameter_px / 2 * (1 + 0.18 * math.sin(3 * angle) + 0.1 * math.cos(7 * angle)) * math.sin(angle),
        )
        for angle in (math.tau * step / 180 for step in range(180))
    ]
    draw.polygon(outline, fill=(96, 58, 44))
    draw.ellipse((centre[0] - 120, centre[1] - 40, centre[0] + 60, centre[1] + 150), fill=(58, 34, 30))
    picture = Image.blend(picture.filter(ImageFilter.GaussianBlur(9)), _grain(), 0.12)
    _draw_ruler(ImageDraw.Draw(picture), top=centre[1] + diameter_px)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, exif=_exif())
    return file.getvalue()


def _skin() -> Image.Image:
    """A warm surface, lighter at the bottom."""
    shade = Image.linear_gradient("L").resize((WIDTH_PX, HEIGHT_PX)).point(lambda level: 190 + level // 7)
    return Image.merge(
        "RGB", (shade, shade.point(lambda level: level * 3 // 4), shade.point(lambda level: level * 2 // 3))
    )


def _grain() -> Image.Image:
    """What a small sensor adds: without it a JPEG would be ten times smaller than a real one."""
    grain = Image.effect_noise((WIDTH_PX, HEIGHT_PX), 64)
    return Image.merge("RGB", (grain, grain, grain))


def _draw_ruler(draw: ImageDraw.ImageDraw, top: int) -> None:
    left, millimetre = 900, 74
    draw.rectangle((left, top, left + 30 * millimetre, top + 260), fill=(250, 250, 246))
    for mark in range(31):
        height = 150 if mark % 10 == 0 else 110 if mark % 5 == 0 else 70
        x = left + mark * millimetre
        draw.line((x, top, x, top + height), fill=(20, 20, 20), width=6)
        if mark % 10 == 0:
            draw.text((x + 14, top + 130), str(mark), fill=(20, 20, 20), font_size=90)


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Fictive", "Demonstration camera"
    gps = exif.get_ifd(GPS_IFD)
    gps[1], gps[2], gps[3], gps[4] = "N", DUNKERQUE[0], "E", DUNKERQUE[1]
    return exif
