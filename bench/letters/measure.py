"""One letter composed again and again in each form, by the processor's clock: what the machine does beside it is left
out.  A fictive answer of the length usual in dermatology; the archive holds the CDA, which holds the PDF.
"""

import io
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from PIL import Image

from miss.documents.cda import compose_report, version_id
from miss.documents.hprim import compose_hprim, parse_hprim
from miss.documents.letter import Letter, Section
from miss.documents.pdf import LetterPhoto, compose_letter_pdf
from miss.documents.xdm import Submission, compose_archive
from tests.miss.documents.structured import REPORT

AT: Final = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
PARAGRAPH: Final = (
    "Lésion mélanocytaire du dos, asymétrique, à deux couleurs, de 7 mm de grand axe, sans ulcération. Le réseau est "
    "irrégulier en périphérie ; pas de voile, pas de régression visible sur ces images."
)
LETTER: Final = replace(REPORT, sections=tuple(Section(name, (PARAGRAPH,) * 2) for name in ("Avis", "Conduite")))
PHOTO_PX: Final = (3072, 2304)
"""As intake keeps them."""
PHOTOS: Final = 4


@dataclass(frozen=True, slots=True)
class Run:
    """One form, composed for a while."""

    form: str
    run: int
    letters: int
    cpu_s: float
    size_bytes: int
    """Of one letter."""

    @property
    def per_s(self) -> float:
        """On one core."""
        return self.letters / self.cpu_s


def forms(photo_px: tuple[int, int]) -> Mapping[str, Callable[[], bytes]]:
    """What is composed, by name, each from its beginning."""
    photos = tuple(LetterPhoto(_photograph(rank, photo_px), f"vue {rank}") for rank in range(1, PHOTOS + 1))
    read = compose_hprim(LETTER)
    return {
        "HPRIM": lambda: compose_hprim(LETTER),
        "HPRIM, read back": lambda: parse_hprim(read).body.encode(),
        "PDF/A-1b": lambda: _pdf(LETTER),
        f"PDF/A-1b with {PHOTOS} photographs": lambda: _pdf(LETTER, photos),
        "CDA (TLM-CR) with its PDF": lambda: compose_report(LETTER, _pdf(LETTER)),
        "XDM archive with its CDA and PDF": _archive,
    }


def measure(seconds: float, runs: int, photo_px: tuple[int, int] = PHOTO_PX) -> Iterator[Run]:
    """Each form for that long, in turn, `runs` times."""
    composed = forms(photo_px)
    for compose in composed.values():
        compose()  # what is loaded once
    for run in range(1, runs + 1):
        for form, compose in composed.items():
            size_bytes, letters, begun = 0, 0, time.process_time()
            while (spent := time.process_time() - begun) < seconds:
                size_bytes = len(compose())
                letters += 1
            yield Run(form, run, letters, spent, size_bytes)


def _pdf(letter: Letter, photos: tuple[LetterPhoto, ...] = ()) -> bytes:
    return compose_letter_pdf(letter, made_at=AT, photos=photos)


def _archive() -> bytes:
    cda = compose_report(LETTER, _pdf(LETTER))
    submission = Submission(unique_id=f"{version_id(LETTER)}.9", source_id=LETTER.set_id, submitted_at=AT)
    return compose_archive(LETTER, cda, submission)


def _photograph(rank: int, photo_px: tuple[int, int]) -> bytes:
    written = io.BytesIO()
    grain = Image.effect_noise((photo_px[0] // 8, photo_px[1] // 8), 30 + rank).resize(photo_px)
    Image.merge("RGB", (grain, grain.point(lambda value: value * 3 // 4), grain)).save(written, "JPEG", quality=88)
    return written.getvalue()
