"""The tables of docs/performance.md, from the rows of one session.  Only what stands between the two marks changes."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.figures import medians, ratio
from bench.goals import CPU, GOALS, OURS, THEIRS, Medians, figure
from bench.picture import draw
from bench.rows import Mode, Row

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
PAGE = Path("docs/performance.md")
PICTURE = Path("docs/images/performance.svg")
_MACHINE = ("cpu", "kernel", "os", "python", "fdatasync_ms")
NONE = "–"


def write_report(rows: Sequence[Row], root: Path) -> None:
    """Rewrite the page's tables and the picture.  Raises ValueError if the page lacks its marks."""
    page = root / PAGE
    text = page.read_text()
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no {BEGIN} … {END}")
    page.write_text(f"{head}{BEGIN}\n{compose_report(rows)}\n{END}{tail}")
    (root / PICTURE).write_text(draw(medians(rows)))


def compose_report(rows: Sequence[Row]) -> str:
    """Every table, in Markdown."""
    found = medians(rows)
    peers = list(dict.fromkeys(row.peer for row in rows))
    rates = sorted({row.offered_per_s for row in rows if row.offered_per_s})
    picture = f"![Server CPU seconds per 1,000 durable deliveries]({PICTURE.relative_to(PAGE.parent)})"
    parts = [
        _machine(rows),
        picture,
        _cpu(found, peers, rates),
        _throughput(found, peers),
        *_latencies(found, peers, rates),
    ]
    parts += [_connections(found, peers), _goals(found), _programs(rows)]
    return "\n\n".join(parts)


def _machine(rows: Sequence[Row]) -> str:
    versions = rows[0].versions
    runs = max(row.run for row in rows)
    described = "; ".join(f"{name} {versions[name]}" for name in _MACHINE if name in versions)
    return f"Medians of {runs} run{'s' if runs > 1 else ''}. Machine: {described}."


def _cpu(found: Medians, peers: Sequence[str], rates: Sequence[float]) -> str:
    columns: list[tuple[str, Mode, float]] = [("saturated", Mode.SATURATED, 0.0), ("sparse", Mode.SPARSE, 0.0)]
    columns += [(f"at {rate:,.0f}/s", Mode.RATE, rate) for rate in rates]
    lines = []
    for peer in peers:
        cells = []
        for _, mode, rate in columns:
            value = figure(found, CPU, peer, mode, rate)
            times = ratio(value, figure(found, CPU, THEIRS, mode, rate)) if peer != THEIRS else None
            cells.append(_number(value, 4) + (f" ({times:.2f} ×)" if times else ""))
        lines.append((peer, *cells))
    title = "### Server CPU seconds per 1,000 durable deliveries (in brackets: of ejabberd's)"
    return f"{title}\n\n{_table(('server', *(name for name, _, _ in columns)), lines)}"


def _throughput(found: Medians, peers: Sequence[str]) -> str:
    lines = [
        (
            peer,
            _number(figure(found, "accepted_per_s", peer, Mode.SATURATED), 0),
            _number(figure(found, "accepted_per_s", peer, Mode.SPARSE), 0),
            _number(figure(found, "accepted_per_s", peer, Mode.CONNECT), 0),
            _number(figure(found, CPU, peer, Mode.CONNECT), 2),
        )
        for peer in peers
    ]
    names = ("server", "messages/s saturated", "messages/s sparse", "logins/s", "CPU s per 1,000 logins")
    return f"### What one core accepts\n\n{_table(names, lines)}"


def _latencies(found: Medians, peers: Sequence[str], rates: Sequence[float]) -> Iterable[str]:
    for rate in rates:
        lines = []
        for peer in peers:
            row = found.get((peer, Mode.RATE, rate))
            if row is None:
                continue
            fell_behind = row.p50_ms is None
            cells = (f"overloaded: {_number(row.accepted_per_s, 0)}/s", NONE, NONE) if fell_behind else ()
            lines.append((peer, *(cells or (_number(row.p50_ms, 2), _number(row.p99_ms, 2), _number(row.p999_ms, 2)))))
        if lines:
            yield f"### Delivery in ms at {rate:,.0f} messages/s\n\n{_table(('server', 'p50', 'p99', 'p99.9'), lines)}"


def _connections(found: Medians, peers: Sequence[str]) -> str:
    lines = [
        (
            peer,
            _number(figure(found, "kb_per_connection", peer, Mode.IDLE), 1),
            _number(figure(found, "p50_ms", peer, Mode.CATCHUP), 1),
            _number(figure(found, "p50_ms", peer, Mode.LIST), 0),
        )
        for peer in peers
    ]
    names = ("server", "kB per idle connection", "catch-up, ms", "list of conversations, ms")
    return f"### Connections, what was missed\n\n{_table(names, lines)}"


def _goals(found: Medians) -> str:
    lines = []
    for goal in GOALS:
        value, sign = goal.measured(found), "≥" if goal.at_least else "≤"
        bounds = [f"{sign} {bound:.3g} {goal.unit}" for bound in (goal.must, goal.goal)]
        measured = NONE if value is None else f"{value:.3g} {goal.unit}"
        lines.append((goal.text, *bounds, measured, goal.verdict(value)))
    return f"### Goals ({OURS})\n\n{_table(('measure', 'must', 'goal', 'measured', ''), lines)}"


def _programs(rows: Sequence[Row]) -> str:
    lines = []
    for peer, row in {row.peer: row for row in rows}.items():
        programs = ", ".join(f"{name} {number}" for name, number in row.versions.items() if name not in _MACHINE)
        lines.append((peer, programs, row.durability))
    return f"### Programs\n\n{_table(('server', 'versions', 'before it acknowledges'), lines)}"


def _number(value: float | None, places: int) -> str:
    return NONE if value is None else f"{value:,.{places}f}"


def _table(names: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [names, ["---"] * len(names), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
