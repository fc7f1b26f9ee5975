"""The furniture of a letter's pages: letterhead, rows, headings kept with their text, frames, a foot that names the
patient on each page.  What stands in them is `miss.documents.pdf.letter`'s.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from miss.documents.letter import Letter
from miss.documents.pdf.look import PLAIN, Look
from miss.documents.pdf.sheet import INK, LINE_MM, MARGIN_MM, WIDTH_MM, Conformance, Sheet, printable

LABEL_MM: Final = 40.0
HEAD_MM: Final = 105.0
"""Width of the letterhead; number and date stand on its right."""
KEPT_MM: Final = 4 * LINE_MM
"""Room that a heading needs: itself and the first lines under it."""
PADDING_MM: Final = 3.0
PAGE_MM: Final = 30.0
"""Width of « page 12/40 » at the foot."""
PAGES: Final = "\x02\x02"
"""Where fpdf2 puts the number of pages: two digits wide, and nothing that a printable text can hold."""
LOGO_MM: Final = 5.0
"""Above the logo."""
RULE: Final = (150, 160, 166)


class LetterSheet(Sheet):
    """Pages of one letter."""

    def __init__(self, letter: Letter, made_at: datetime) -> None:
        patient = letter.patient
        names = f"{patient.birth_family_name} {patient.first_given_name}"
        version = f", version {letter.version}" if letter.version > 1 else ""
        self._foot = f"{letter.number}{version} – {names}, {patient.birth_date:%d/%m/%Y}"
        super().__init__(f"{letter.title} – {letter.number}", made_at, conformance=Conformance.A1B)
        self.alias_nb_pages(PAGES)
        self.c_margin = 0

    def footer(self) -> None:
        """Number and patient on the left, the page on the right; called by fpdf2 at the end of each page."""
        self.set_draw_color(*RULE)
        self.line(MARGIN_MM, 297 - 16, MARGIN_MM + WIDTH_MM, 297 - 16)
        self.soft(8)
        self.set_xy(MARGIN_MM, -15)
        self.cell(WIDTH_MM - PAGE_MM, 5, self._shortened(self._foot, WIDTH_MM - PAGE_MM))
        self.cell(PAGE_MM, 5, f"page {self.page_no()}/{PAGES}", align="R")

    def write_logo(self, logo: bytes) -> None:
        """In the upper margin of the first page, above the letterhead.  `logo`: JPEG."""
        self.place_logo(logo, MARGIN_MM, LOGO_MM, (HEAD_MM, MARGIN_MM - LOGO_MM - 2))

    def write_letterhead(self, name: str, lines: Sequence[str], aside: Sequence[str], look: Look = PLAIN) -> None:
        """Who sends on the left; number and date on the right; a rule below, or a band in the sender's colour."""
        self.soft(9)
        self.set_xy(MARGIN_MM + HEAD_MM, MARGIN_MM)
        self.multi_cell(0, LINE_MM, printable("\n".join(aside)), align="R", new_x="LMARGIN", new_y="NEXT")
        aside_end = self.get_y()
        self.set_xy(MARGIN_MM, MARGIN_MM)
        self.bold(12)
        self.set_text_color(*look.ink)
        self.multi_cell(HEAD_MM, LINE_MM + 1, printable(name), align="L", new_x="LMARGIN", new_y="NEXT")
        if lines:
            self.soft(9)
            self.multi_cell(
                HEAD_MM, LINE_MM - 0.6, printable("\n".join(lines)), align="L", new_x="LMARGIN", new_y="NEXT"
            )
        if self.page_no() == 1:
            self.set_y(max(self.get_y(), aside_end))
        if look.band is None:
            self.rule(before_mm=2, after_mm=5)
        else:
            self.write_band(look.band, before_mm=2, after_mm=5)

    def write_title(self, title: str, references: Sequence[str]) -> None:
        """The title, and in small print what it refers to."""
        self.bold(14)
        self.write_paragraph(title, line_mm=7, after_mm=1)
        self.soft(9)
        if any(line.strip() for line in references):
            self.write_paragraph("\n".join(references), line_mm=4.6, after_mm=0)
        self.ln(3)

    def write_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Labels and values between two rules, the first value in bold."""
        self.rule(after_mm=2)
        for rank, (label, value) in enumerate(rows):
            self._keep(LINE_MM)
            self.soft(9)
            self.cell(LABEL_MM, LINE_MM, label)
            if rank == 0:
                self.bold()
            else:
                self.plain()
            self.multi_cell(0, LINE_MM, printable(value), align="L", new_x="LMARGIN", new_y="NEXT")
        self.rule(before_mm=2, after_mm=5)

    def write_section(self, heading: str, paragraphs: Sequence[str]) -> None:
        """A heading, kept with its first lines, and its paragraphs."""
        texts = [text for text in paragraphs if text.strip()]
        if heading.strip():
            self._keep(KEPT_MM if texts else LINE_MM)
            self.bold(11)
            self.write_paragraph(heading, after_mm=1)
        self.plain()
        for text in texts:
            self.write_paragraph(text, after_mm=1.5)
        self.ln(2.5)

    def write_closing(self, paragraphs: Sequence[str]) -> None:
        """What ends a letter, in small print."""
        self.soft(9)
        for text in paragraphs:
            if text.strip():
                self.write_paragraph(text, after_mm=1, line_mm=4.6)
        self.ln(3)

    def write_frame(self, lines: Sequence[str]) -> None:
        """Lines in a frame that no page break cuts, the first in bold."""
        width_mm = WIDTH_MM - 2 * PADDING_MM
        head, rest = printable(lines[0]), printable("\n".join(lines[1:]))
        self.bold()
        head_mm = LINE_MM * len(self.lines_of(head, width_mm))
        self.plain(9.5)
        rest_mm = LINE_MM * len(self.lines_of(rest, width_mm))
        height_mm = head_mm + rest_mm + 2 * PADDING_MM
        self._keep(height_mm)
        top_mm = self.get_y()
        self.set_draw_color(*INK)
        self.rect(MARGIN_MM, top_mm, WIDTH_MM, height_mm)
        self.set_xy(MARGIN_MM + PADDING_MM, top_mm + PADDING_MM)
        self.bold()
        self.multi_cell(width_mm, LINE_MM, head, align="L", new_x="LEFT", new_y="NEXT")
        self.plain(9.5)
        self.multi_cell(width_mm, LINE_MM, rest, align="L")
        self.set_xy(MARGIN_MM, top_mm + height_mm + 4)

    def rule(self, *, before_mm: float = 0, after_mm: float = 0) -> None:
        """A thin line over the whole width."""
        self.ln(before_mm)
        self.set_draw_color(*RULE)
        self.line(MARGIN_MM, self.get_y(), MARGIN_MM + WIDTH_MM, self.get_y())
        self.ln(after_mm)

    def _keep(self, height_mm: float) -> None:
        """Begin a page if less than that is left on this one."""
        if self.get_y() + height_mm > 297 - MARGIN_MM:
            self.add_page()

    def _shortened(self, text: str, width_mm: float) -> str:
        """`text`, or as much of it as fits the width, with an ellipsis."""
        shown = printable(text)
        if self.get_string_width(shown) <= width_mm:
            return shown
        while shown and self.get_string_width(f"{shown}…") > width_mm:
            shown = shown[:-1]
        return f"{shown}…"
