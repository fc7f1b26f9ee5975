"""How a document looks that an establishment writes: its name, its logo, its colour.

What is printed in grey or faxed loses nothing else: the colour tells nothing, and words are set in it only where they
can be read on white; a lighter one is a band.
"""

from dataclasses import dataclass

from miss.base.colours import Rgb, is_legible, parse_rgb
from miss.documents.pdf.sheet import INK


@dataclass(frozen=True, slots=True, repr=False)
class Look:
    """Of one establishment; nothing of it where it chose nothing."""

    name: str = ""
    """As it calls itself in what is sent in its name."""
    logo: bytes = b""
    """JPEG; empty: none."""
    colour: str = ""
    """`#rrggbb`; empty: the house's own ink."""

    @property
    def band(self) -> Rgb | None:
        """The colour itself, for what nobody has to read."""
        return parse_rgb(self.colour)

    @property
    def ink(self) -> Rgb:
        """The colour where words can be read in it, else the house's."""
        rgb = parse_rgb(self.colour)
        return rgb if rgb is not None and is_legible(rgb) else INK


PLAIN = Look()
