"""One picture: at how many accounts each limit is reached.  SVG by hand, no library, as `bench.picture`."""

from collections.abc import Sequence
from html import escape
from math import floor, isinf, log10

from bench.capacity.population import Population

LEFT, WIDTH, ROW, BAR, TOP, RIGHT = 320, 430, 30, 15, 86, 110
LOW, HIGH = 1e4, 1e9
HELD, REACHED = "#99c1cc", "#1f6f8b"


def draw(limits: Sequence[tuple[str, float]], populations: Sequence[Population]) -> str:
    """An SVG document: a bar for each limit, a line for each population; the scale is logarithmic."""
    height = TOP + ROW * len(limits) + 30
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">',
        "<title>At how many accounts each limit of the installation is reached</title>",
        f'<rect width="100%" height="{height}" fill="#fff"/>',
        '<text x="12" y="24" font-size="16" font-weight="600">What breaks first, as the program stands</text>',
        '<text x="12" y="44" fill="#555">accounts at which each limit is reached; logarithmic</text>',
    ]
    for power in range(floor(log10(LOW)), floor(log10(HIGH)) + 1):
        lines += _gridline(10.0**power, height)
    for population in populations:
        x = LEFT + _length(population.accounts)
        lines += [
            f'<line x1="{x:.0f}" y1="{TOP - 8}" x2="{x:.0f}" y2="{height - 26}" stroke="#b4552d" '
            'stroke-dasharray="4 3"/>',
            f'<text x="{x:.0f}" y="{TOP - 14}" text-anchor="middle" fill="#b4552d">{escape(population.name)}</text>',
        ]
    for place, (name, accounts) in enumerate(limits):
        lines += _bar(name, accounts, TOP + ROW * place, populations)
    return "\n".join([*lines, "</svg>\n"])


def _length(accounts: float) -> float:
    bounded = min(max(accounts, LOW), HIGH)
    return WIDTH * log10(bounded / LOW) / log10(HIGH / LOW)


def _gridline(value: float, height: int) -> list[str]:
    x = LEFT + _length(value)
    return [
        f'<line x1="{x:.0f}" y1="{TOP - 6}" x2="{x:.0f}" y2="{height - 26}" stroke="#e4e4e4"/>',
        f'<text x="{x:.0f}" y="{height - 8}" text-anchor="middle" fill="#555">{value:,.0f}</text>',
    ]


def _bar(name: str, accounts: float, top: int, populations: Sequence[Population]) -> list[str]:
    length = max(_length(accounts), 2)
    label = "never" if isinf(accounts) else f"{accounts:,.0f}" if accounts < 1e6 else f"{accounts / 1e6:,.1f} million"
    colour = REACHED if any(accounts <= one.accounts for one in populations) else HELD
    return [
        f'<text x="{LEFT - 8}" y="{top + 12}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LEFT}" y="{top}" width="{length:.0f}" height="{BAR}" fill="{colour}"/>',
        f'<text x="{LEFT + length + 6:.0f}" y="{top + 12}" fill="#333">{label}</text>',
    ]
