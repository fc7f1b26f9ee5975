"""A colour, a logo, a name in mails; and whether white words can be read on the colour (WCAG 2.1, 1.4.3).  Pure."""

from dataclasses import dataclass
from typing import Final

from miss.base.colours import WHITE, Rgb, contrast, is_legible, parse_rgb
from miss.base.ids import OrganizationId
from miss.directory.establishments.branding.errors import ColourRefused

HOUSE_COLOUR: Final = "#0b5563"
MAX_SENDER: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """What an establishment chose; the defaults hold where it chose nothing."""

    establishment_id: OrganizationId
    colour: str = HOUSE_COLOUR
    """`#rrggbb`, the ground of white words."""
    sender: str = ""
    """Shown beside the platform's address in mails of its own; empty: its name."""
    logo_digest: str = ""
    """Hexadecimal, of the logo as it is kept; empty: none."""


def parse_colour(text: str) -> str:
    """`#rrggbb` that white words can be read on.  Raises ColourRefused, which names the nearest that is dark enough."""
    rgb = parse_rgb(text)
    if rgb is None:
        raise ColourRefused(colour=text[:20], contrast="–", nearest=HOUSE_COLOUR)
    if not is_legible(rgb):
        raise ColourRefused(colour=_hex(rgb), contrast=f"{contrast(rgb, WHITE):.1f}", nearest=_hex(darker(rgb)))
    return _hex(rgb)


def darker(rgb: Rgb) -> Rgb:
    """The lightest shade of the colour that white words can be read on."""
    for percent in range(100, 0, -1):
        shade = (rgb[0] * percent // 100, rgb[1] * percent // 100, rgb[2] * percent // 100)
        if is_legible(shade):
            return shade
    return (0, 0, 0)


def _hex(rgb: Rgb) -> str:
    return "#" + bytes(rgb).hex()
