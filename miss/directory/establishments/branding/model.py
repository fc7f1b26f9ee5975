"""A colour, a logo, a name in mails; and whether white words can be read on the colour (WCAG 2.1, 1.4.3).  Pure."""

import re
from dataclasses import dataclass
from typing import Final

from miss.base.ids import OrganizationId
from miss.directory.establishments.branding.errors import ColourRefused

LEAST_CONTRAST: Final = 4.5
"""Of text and its ground, level AA; RGAA 3.2."""
HOUSE_COLOUR: Final = "#0b5563"
WHITE: Final = (255, 255, 255)
MAX_SENDER: Final = 60
_COLOUR: Final = re.compile(r"#?([0-9a-fA-F]{6})")

Rgb = tuple[int, int, int]


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
    found = _COLOUR.fullmatch(text.strip())
    if found is None:
        raise ColourRefused(colour=text[:20], contrast="–", nearest=HOUSE_COLOUR)
    rgb = _rgb(found[1])
    if (ratio := contrast(rgb, WHITE)) < LEAST_CONTRAST:
        raise ColourRefused(colour=_hex(rgb), contrast=f"{ratio:.1f}", nearest=_hex(darker(rgb)))
    return _hex(rgb)


def contrast(one: Rgb, other: Rgb) -> float:
    """The ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def darker(rgb: Rgb) -> Rgb:
    """The lightest shade of the colour that white words can be read on."""
    for percent in range(100, 0, -1):
        shade = (rgb[0] * percent // 100, rgb[1] * percent // 100, rgb[2] * percent // 100)
        if contrast(shade, WHITE) >= LEAST_CONTRAST:
            return shade
    return (0, 0, 0)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _rgb(digits: str) -> Rgb:
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _hex(rgb: Rgb) -> str:
    return "#" + bytes(rgb).hex()
