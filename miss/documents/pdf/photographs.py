"""Photographs on pages of a letter: several a page, each with its caption.

They are written anew at the size of print: a JPEG of our own carries no metadata (place, device, thumbnail), whatever
the original did, and stays light enough for mail.  It decodes only what intake has already cleaned: pictures from
strangers go through a process of their own first.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from miss.documents.errors import LetterPhotoRefused
from miss.documents.pdf.sheet import MARGIN_MM, SOFT, WIDTH_MM, Sheet, printable

LARGE_PX, SMALL_PX = 1400, 1000
"""Longest sides: about 200 points an inch over the width of a page, 300 over half of it."""
JPEG_QUALITY: Final = 85
HEADING_MM: Final = 12.0
CAPTION_LINES: Final = 4
CAPTION_LINE_MM: Final = 4.4
GAP_MM: Final = 6.0
HEIGHT_MM: Final = 297 - 2 * MARGIN_MM - HEADING_MM


@dataclass(frozen=True, slots=True, repr=False)
class LetterPhoto:
    """A photograph of a letter."""

    content: bytes
    """JPEG."""
    caption: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Print:
    """A photograph at the size of print."""

    content: bytes
    width_px: int
    height_px: int
    caption: str


def prints_of(photos: Sequence[LetterPhoto]) -> tuple[Print, ...]:
    """Each photograph written anew.  Raises LetterPhotoRefused."""
    side_px = SMALL_PX if _grid(len(photos))[0] > 1 else LARGE_PX
    return tuple(_reduced(photo, rank, side_px) for rank, photo in enumerate(photos, start=1))


def write_photographs(sheet: Sheet, photos: Sequence[Print]) -> None:
    """Pages of their own for all of them; nothing if there is none."""
    columns, rows = _grid(len(photos))
    width_mm = (WIDTH_MM - (columns - 1) * GAP_MM) / columns
    height_mm = (HEIGHT_MM - (rows - 1) * GAP_MM) / rows
    sheet.set_auto_page_break(False)
    for rank, photo in enumerate(photos, start=1):
        place = (rank - 1) % (columns * rows)
        if place == 0:
            sheet.add_page()
            sheet.bold(12)
            sheet.cell(0, HEADING_MM - 4, f"Photographies ({len(photos)})")
        x_mm = MARGIN_MM + place % columns * (width_mm + GAP_MM)
        y_mm = MARGIN_MM + HEADING_MM + place // columns * (height_mm + GAP_MM)
        _write_one(sheet, photo, rank, (x_mm, y_mm, width_mm, height_mm))


def _grid(count: int) -> tuple[int, int]:
    """Columns and rows: as large as they can be, four a page from three on."""
    return (1, max(count, 1)) if count <= 2 else (2, 2)


def _write_one(sheet: Sheet, photo: Print, rank: int, cell: tuple[float, float, float, float]) -> None:
    """The photograph as large as its cell allows, its caption right under it."""
    x_mm, y_mm, width_mm, height_mm = cell
    caption = f"Photo {rank} : {photo.caption}" if photo.caption.strip() else f"Photo {rank}"
    sheet.plain(9)
    lines = sheet.lines_of(printable(caption), width_mm)
    if len(lines) > CAPTION_LINES:
        lines = [*lines[: CAPTION_LINES - 1], f"{lines[CAPTION_LINES - 1].rstrip()[:-1]}…"]
    room_mm = height_mm - 2 - CAPTION_LINE_MM * len(lines)
    scale = min(width_mm / photo.width_px, room_mm / photo.height_px)
    wide_mm, high_mm = photo.width_px * scale, photo.height_px * scale
    sheet.image(io.BytesIO(photo.content), x=x_mm, y=y_mm, w=wide_mm, h=high_mm)
    sheet.set_draw_color(*SOFT)
    sheet.rect(x_mm, y_mm, wide_mm, high_mm)
    for line_rank, line in enumerate(lines):
        sheet.set_xy(x_mm, y_mm + high_mm + 2 + line_rank * CAPTION_LINE_MM)
        sheet.cell(width_mm, CAPTION_LINE_MM, line)


def _reduced(photo: LetterPhoto, rank: int, side_px: int) -> Print:
    """A JPEG in RGB, upright, without metadata."""
    try:
        with Image.open(io.BytesIO(photo.content), formats=("JPEG",)) as image:
            image.draft("RGB", (side_px, side_px))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise LetterPhotoRefused(rank=rank) from None
    upright.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return Print(written.getvalue(), *clean.size, photo.caption)
