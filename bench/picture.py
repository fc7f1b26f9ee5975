"""One picture: server CPU per 1,000 durable deliveries, each peer a pair of bars.  SVG by hand, no library."""

from html import escape
from math import floor, log10

from bench.goals import CPU, Medians, figure
from bench.rows import Mode

BARS = ((Mode.SATURATED, "#1f6f8b"), (Mode.SPARSE, "#99c1cc"))
LEFT, WIDTH, ROW, BAR, TOP = 130, 560, 46, 15, 64
VALUE_WIDTH = 90


def draw(medians: Medians) -> str:
    """An SVG document.  The scale is logarithmic: what is shown spans two orders of magnitude."""
    peers = [peer for peer in dict.fromkeys(peer for peer, _, _ in medians) if _values(medians, peer)]
    values = [value for peer in peers for _, value in _values(medians, peer)]
    height = TOP + ROW * len(peers) + 34
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + VALUE_WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">',
        "<title>Server CPU seconds per 1,000 durable deliveries, by server</title>",
        f'<rect width="100%" height="{height}" fill="#fff"/>',
        '<text x="12" y="24" font-size="16" font-weight="600">Server CPU seconds per 1,000 durable deliveries</text>',
        '<text x="12" y="44" fill="#555">shorter is better; logarithmic; dark: saturated, light: sparse</text>',
    ]
    if values:
        low, high = 10.0 ** floor(log10(min(values))), max(values)
        for power in range(floor(log10(low)), floor(log10(high)) + 1):
            lines += _gridline(10.0**power, low, high, height)
        for place, peer in enumerate(peers):
            lines += _bars(medians, peer, TOP + ROW * place, low, high)
    return "\n".join([*lines, "</svg>\n"])


def _values(medians: Medians, peer: str) -> list[tuple[str, float]]:
    found = ((colour, figure(medians, CPU, peer, mode)) for mode, colour in BARS)
    return [(colour, value) for colour, value in found if value]


def _length(value: float, low: float, high: float) -> float:
    if high <= low:
        return WIDTH
    return WIDTH * log10(value / low) / log10(high / low)


def _gridline(value: float, low: float, high: float, height: int) -> list[str]:
    x = LEFT + _length(value, low, high)
    return [
        f'<line x1="{x:.0f}" y1="{TOP - 6}" x2="{x:.0f}" y2="{height - 26}" stroke="#ddd"/>',
        f'<text x="{x:.0f}" y="{height - 10}" text-anchor="middle" fill="#555">{value:g}</text>',
    ]


def _bars(medians: Medians, peer: str, top: int, low: float, high: float) -> list[str]:
    lines = [f'<text x="{LEFT - 8}" y="{top + BAR + 5}" text-anchor="end">{escape(peer)}</text>']
    for place, (colour, value) in enumerate(_values(medians, peer)):
        y, length = top + place * (BAR + 2), max(_length(value, low, high), 2)
        lines += [
            f'<rect x="{LEFT}" y="{y}" width="{length:.0f}" height="{BAR}" fill="{colour}"/>',
            f'<text x="{LEFT + length + 6:.0f}" y="{y + 12}" fill="#333">{value:.4f}</text>',
        ]
    return lines
