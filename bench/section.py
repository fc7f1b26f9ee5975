"""A section of a page between two marks of its own: `<!-- mail: begin -->` … `<!-- mail: end -->`.

Only what stands between them changes; what people wrote around it stays.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import describe

PAGE: Final = Path("docs/performance.md")


@dataclass(frozen=True, slots=True)
class Section:
    """One section, by the name in its marks."""

    name: str
    page: Path = PAGE

    @property
    def begin(self) -> str:
        return f"<!-- {self.name}: begin -->"

    @property
    def end(self) -> str:
        return f"<!-- {self.name}: end -->"

    def write(self, root: Path, text: str) -> None:
        """Put `text` in its place.  Raises ValueError if the page lacks its marks."""
        page = root / self.page
        head, begin, rest = page.read_text().partition(self.begin)
        _, end, tail = rest.partition(self.end)
        if not begin or not end:
            raise ValueError(f"{page} has no {self.begin} … {self.end}")
        page.write_text(f"{head}{begin}\n{text}\n{end}{tail}")


def describe_machine(machine: dict[str, str] | None = None) -> str:
    """The machine in half a sentence; None: this one."""
    return "; ".join(f"{name} {value}" for name, value in (machine or describe()).items())
