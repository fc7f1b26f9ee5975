"""A page of A4 in the house's type: PDF/A by fpdf2, the same bytes for the same content.

fpdf2 writes the hour of the machine into its metadata; here the document says when it was made, and the metadata are
our own (ISO 19005-1 §6.7, 19005-2 §6.6: PDF/A part and conformance, title, language).  Characters that the fonts lack
are replaced by their base letter, or spelled by their Unicode name: a letter is printed whatever somebody is called,
and nothing vanishes from it.
"""

import io
import unicodedata
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final

from babel.dates import format_date
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF
from PIL import Image

from miss.base.colours import Rgb
from miss.documents.charset import fold_latin1

FONTS: Final = Path(__file__).parent / "fonts"
FAMILY: Final = "DejaVu Sans"
FILES: Final = {"": "DejaVuSans.subset.ttf", "B": "DejaVuSans-Bold.subset.ttf"}
MARGIN_MM: Final = 20.0
WIDTH_MM: Final = 210 - 2 * MARGIN_MM
BODY_PT: Final = 10.5
LINE_MM: Final = 5.2
BAND_MM: Final = 1.6
INK: Final = (20, 35, 43)
SOFT: Final = (71, 86, 95)

_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <pdfaid:part>{part}</pdfaid:part>
   <pdfaid:conformance>{level}</pdfaid:conformance>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
   <xmp:CreatorTool>MiSS</xmp:CreatorTool>
   <xmp:CreateDate>{made_at}</xmp:CreateDate>
   <xmp:ModifyDate>{made_at}</xmp:ModifyDate>
   <pdf:Producer>fpdf2</pdf:Producer>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>"""


class Conformance(StrEnum):
    """What a document claims to be."""

    A1B = "PDF/A-1B"
    """What French health mail asks of the documents it carries."""
    A2U = "PDF/A-2U"


class Sheet(FPDF):
    """One page, or more if the text is long, with margins and two weights of one font."""

    def __init__(
        self, title: str, made_at: datetime, language: str = "fr", *, conformance: Conformance = Conformance.A2U
    ) -> None:
        """`made_at`: aware; it goes into the metadata."""
        super().__init__(format="A4", enforce_compliance=conformance)
        self.set_creation_date(made_at)
        self.set_lang(language)
        self.set_title(title)
        self.set_xmp_metadata(
            _XMP.format(
                part=conformance[-2],
                level=conformance[-1],
                title=escape(printable(title)),
                language=language,
                made_at=made_at.isoformat(timespec="seconds"),
            )
        )
        for style, name in FILES.items():
            self.add_font(FAMILY, style, FONTS / name)
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, MARGIN_MM)
        self.add_page()
        self.plain()

    def plain(self, size_pt: float = BODY_PT) -> None:
        """Go on in the body's weight and ink."""
        self.set_font(FAMILY, "", size_pt)
        self.set_text_color(*INK)

    def bold(self, size_pt: float = BODY_PT) -> None:
        """Go on in bold."""
        self.set_font(FAMILY, "B", size_pt)
        self.set_text_color(*INK)

    def soft(self, size_pt: float = 8.5) -> None:
        """Go on in the ink of small print."""
        self.set_font(FAMILY, "", size_pt)
        self.set_text_color(*SOFT)

    def write_paragraph(self, text: str, *, align: str = "L", after_mm: float = 3.0, line_mm: float = LINE_MM) -> None:
        """A paragraph over the whole width."""
        self.multi_cell(0, line_mm, printable(text), align=align, new_x="LMARGIN", new_y="NEXT")
        self.ln(after_mm)

    def write_list(self, items: tuple[str, ...]) -> None:
        """Numbered lines, each under its number."""
        for number, item in enumerate(items, start=1):
            self.cell(8, LINE_MM, f"{number}.")
            self.multi_cell(0, LINE_MM, printable(item), align="L", new_x="LMARGIN", new_y="NEXT")
            self.ln(1)
        self.ln(2)

    def write_block(self, lines: tuple[str, ...], x_mm: float, y_mm: float, width_mm: float) -> None:
        """Lines at a fixed place, each made small enough to stay on its line."""
        for rank, line in enumerate(map(printable, lines)):
            size_pt = BODY_PT
            self.set_font_size(size_pt)
            while self.get_string_width(line) > width_mm and size_pt > 5:
                size_pt -= 0.5
                self.set_font_size(size_pt)
            self.set_xy(x_mm, y_mm + rank * LINE_MM)
            self.cell(width_mm, LINE_MM, line)
        self.set_font_size(BODY_PT)

    def write_band(self, colour: Rgb, *, before_mm: float = 0, after_mm: float = 0) -> None:
        """A band over the whole width, as a rule that is seen; it takes no more room than a rule."""
        self.ln(before_mm)
        self.set_fill_color(*colour)
        self.rect(MARGIN_MM, self.get_y(), WIDTH_MM, BAND_MM, style="F")
        self.ln(after_mm)

    def place_logo(self, logo: bytes, x_mm: float, y_mm: float, room_mm: tuple[float, float], align: str = "L") -> None:
        """As large as its room (width, height) lets it be, at the room's left or right (`R`).  `logo`: JPEG."""
        with Image.open(io.BytesIO(logo)) as picture:
            scale = min(room / side for room, side in zip(room_mm, picture.size, strict=True))
            width_mm, height_mm = (side * scale for side in picture.size)
        left_mm = x_mm + room_mm[0] - width_mm if align == "R" else x_mm
        self.image(io.BytesIO(logo), x=left_mm, y=y_mm, w=width_mm, h=height_mm)

    def lines_of(self, text: str, width_mm: float) -> list[str]:
        """The lines that `text`, printable, takes in the present font."""
        lines = self.multi_cell(width_mm, LINE_MM, text, align="L", dry_run=True, output="LINES")
        if not isinstance(lines, list):
            raise TypeError("fpdf2 was asked for lines")
        return lines

    def finish(self) -> bytes:
        """The document."""
        return bytes(self.output())


def french_day(day: date) -> str:
    """`1er décembre 2026`; of an instant, the day in its own zone."""
    month = format_date(day, "MMMM y", locale="fr")
    return f"{'1er' if day.day == 1 else day.day} {month}"


def grouped_rpps(rpps: str) -> str:
    """`999 0000 0011`: as people read eleven digits."""
    return f"{rpps[:3]} {rpps[3:7]} {rpps[7:]}"


def printable(text: str) -> str:
    """`text` with characters that the fonts have."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(char if char == "\n" or ord(char) in _known() else _replace(char) for char in composed)


@lru_cache(maxsize=4096)
def _replace(char: str) -> str:
    base = [one for one in unicodedata.normalize("NFKD", char) if not unicodedata.combining(one)]
    if base and all(ord(one) in _known() for one in base):
        return "".join(base)
    return fold_latin1(char)


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    """The code points that both weights have."""
    maps = []
    for name in FILES.values():
        with TTFont(FONTS / name) as font:
            maps.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*maps)
