"""The tables of docs/scale.md and its picture, from a bench session and a file of costs.  Only what stands between the
marks changes."""

from collections.abc import Callable, Iterable, Sequence
from math import isinf
from pathlib import Path

from bench.capacity.chart import draw
from bench.capacity.costs import LOAD, Costs
from bench.capacity.demand import Hearing
from bench.capacity.limits import Limit, in_order
from bench.capacity.population import HABITS, POPULATIONS, REASONS
from bench.capacity.sizing import Model, Size
from bench.capacity.storm import Storm
from bench.capacity.units import AT_LOGIN, READ, RECEIVED, TYPING, Spent, derive_units
from bench.capacity.validation import Check, compare
from bench.rows import Row

PAGE = Path("docs/scale.md")
PICTURE = Path("docs/images/scale.svg")
NONE = "–"


def write_page(rows: Sequence[Row], costs: Costs, root: Path) -> None:
    """Rewrite every part between its marks, and the picture.  Raises ValueError if the page lacks a mark."""
    model = Model(units=derive_units(costs, rows), costs=costs, habits=HABITS)
    sizes = [(model.size(one, Hearing.CONCERNED), model.size(one, Hearing.ALL)) for one in POPULATIONS]
    limits = in_order(model)
    text = (root / PAGE).read_text()
    for name, part in (
        ("costs", _costs(model)),
        ("habits", _habits()),
        ("needs", _needs(sizes)),
        ("limits", _limits(limits)),
        ("checks", _checks(compare(model.units, rows), costs)),
    ):
        text = replaced(text, name, part)
    (root / PAGE).write_text(text)
    (root / PICTURE).write_text(draw([(limit.name, accounts) for limit, accounts in limits], POPULATIONS))


def replaced(text: str, name: str, part: str) -> str:
    """`text` with `part` between the marks of that name.  Raises ValueError if there are none."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, begun, rest = text.partition(begin)
    _, ended, tail = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"{PAGE} has no {begin} … {end}")
    return f"{head}{begin}\n{part}\n{end}{tail}"


def _costs(model: Model) -> str:
    units, disk = model.units, model.costs.disk
    rows = {table.table: table for table in disk.tables}

    def cpu(name: str, spent: Spent) -> tuple[str, str]:
        return name, f"{_us(spent.server_s)} + {_us(spent.database_s)}"

    login = Spent(
        sum(units.acts[name].server_s for name in AT_LOGIN), sum(units.acts[name].database_s for name in AT_LOGIN)
    )
    pairs = [
        cpu("one flush", units.flush),
        cpu("each message in it", units.message),
        cpu("each conversation it touches", units.log),
        ("each delivery; each write to a socket", f"{_us(units.delivery_s)}; {_us(units.write_s)}"),
        cpu("a report « received »", units.acts[RECEIVED]),
        cpu("a read receipt", units.acts[READ]),
        cpu("a « typing » frame", units.acts[TYPING]),
        cpu("a login, with presence, a pull, deletions", login),
        cpu("a photo up", units.acts["http photo up"]),
        cpu("a photo down", units.acts["http photo down"]),
        ("a message heard for nothing, members remembered", _us(units.hear_known_s)),
        cpu("the same, members looked up", units.hear_unknown),
        ("Valkey, to hand one publication to one process", _us(units.publish_s)),
        ("memory: a process; a connection", f"{units.process_kb / 1024:,.0f} MB; {units.connection_kb:.0f} kB"),
        (
            "a message on PostgreSQL, indexes included; on SQLite",
            f"{rows['chat_message'].bytes_per_row:,.0f} B; {disk.sqlite_message_bytes:,.0f} B",
        ),
        (
            "its log (WAL), first since a checkpoint; later",
            f"{disk.wal_cold_bytes:,.0f} B; {disk.wal_warm_bytes:,.0f} B",
        ),
        (
            "a marker with its read receipt; a box of a commit; a blob's row",
            "; ".join(f"{rows[name].bytes_per_row:,.0f} B" for name in ("chat_marker", "chat_box", "chat_blob")),
        ),
        ("a person: account, register, device, chain", f"{disk.person_bytes:,.0f} B"),
        *((name, _us(value / 1e6)) for name, value in model.costs.primitives_us.items() if "batch" not in name),
    ]
    half = (len(pairs) + 1) // 2
    right = [*pairs[half:], ("", "")]
    lines = [(*one, *other) for one, other in zip(pairs[:half], right, strict=False)]
    return _folded("Unit costs, as CPU of MiSS + of PostgreSQL", _table(("", "", "", ""), lines))


def _habits() -> str:
    lines = [(name.replace("_", " "), f"{getattr(HABITS, name):g}", reason) for name, reason in REASONS.items()]
    people = "; ".join(f"**{one.name}**: {one.why}" for one in POPULATIONS)
    return _folded("What people do", f"{people}.\n\n{_table(('a person, a day', '', 'reason'), lines)}")


def _needs(sizes: Sequence[tuple[Size | None, Size | None]]) -> str:
    """`sizes`: of each population, with publications to those concerned, and as the program stands."""
    found = [size for size, _ in sizes if size is not None]
    as_it_is = [today for size, today in sizes if size is not None]
    lines: list[tuple[str, ...]] = [
        _row("messages a day", found, lambda s: _count(s.day.messages)),
        _row(
            "at 9 o'clock: messages; deliveries a second",
            found,
            lambda s: f"{_count(s.peak.messages)}; {_count(s.peak.deliveries)}",
        ),
        _row(
            "reports and read receipts; logins a second",
            found,
            lambda s: f"{_count(s.peak.markers)}; {_count(s.peak.logins)}",
        ),
        _row("connections", found, lambda s: _count(s.peak.connections)),
        (
            "**processes, as the program stands**",
            *(_count(size.need.processes) if size else "**none suffices**" for size in as_it_is),
        ),
        _row("processes, if each hears only what concerns it", found, lambda s: _count(s.need.processes)),
        _row(
            "their CPU: own work; hearing (cores)",
            found,
            lambda s: f"{s.need.own:,.1f}; {s.need.hearing * s.need.processes:,.2f}",
        ),
        _row(
            "own work: messages; receipts; logins; photos; rest, %",
            found,
            lambda s: "; ".join(f"{100 * cores / s.need.own:.0f}" for cores in s.need.own_by.values()),
        ),
        _row("memory of all processes", found, lambda s: _bytes(s.memory_bytes)),
        _row("PostgreSQL: cores (half busy)", found, lambda s: f"{s.database_cores:,.1f}"),
        _row(
            "PostgreSQL: log a second; transactions a second",
            found,
            lambda s: f"{_bytes(s.need.wal_bytes)}; {_count(s.need.flushes)}",
        ),
        _row("database, a year; blobs, a year", found, lambda s: f"{_bytes(s.database_bytes)}; {_bytes(s.blob_bytes)}"),
        _row(
            "Valkey: cores; out a second", found, lambda s: f"{s.need.broker:,.2f}; {_bytes(s.need.broker_out_bytes)}"
        ),
        _row("ack and delivery: p50; p99 in ms", found, lambda s: f"{s.served.ms(50):.1f}; {s.served.ms(99):.1f}"),
        _row("Monday 9 o'clock after an outage: all back after", found, lambda s: _back(s.after_outage)),
        _row("a process is lost: its people back after", found, lambda s: _back(s.after_loss)),
        _row(
            "machines of 32 cores, 128 GB: processes; PostgreSQL and standbys; Valkey",
            found,
            lambda s: "; ".join(map(_count, s.machines)),
        ),
        _row("CPU of the day, hours", found, lambda s: _count(s.day.cpu_hours)),
    ]
    return _table(("", *(size.population.name for size in found)), lines)


def _row(name: str, sizes: Iterable[Size], cell: Callable[[Size], str]) -> tuple[str, ...]:
    return name, *(cell(size) for size in sizes)


def _limits(limits: Sequence[tuple[Limit, float]]) -> str:
    lines = [
        (limit.name, "more than 10 billion" if isinf(accounts) else _count(accounts), limit.remedy)
        for limit, accounts in limits
    ]
    picture = f"![At how many accounts each limit is reached]({PICTURE.relative_to(PAGE.parent)})"
    return f"{_table(('limit', 'reached at accounts', 'what moves it'), lines)}\n\n{picture}"


def _checks(checks: Sequence[Check], costs: Costs) -> str:
    lines = [
        (check.what, check.unit, f"{check.foretold:.3g}", f"{check.measured:.3g}", f"{check.factor:.2f} ×")
        for check in checks
    ]
    machine = "; ".join(f"{name} {costs.machine[name]}" for name in ("cpu", "kernel", "python", "fdatasync_ms"))
    table = _table(("on one core of this machine", "", "foretold", "measured", "factor"), lines)
    busy = "" if costs.is_quiet else " **Others used it too: times and rates mean little.**"
    load = f"load before the start {costs.machine[LOAD]}"
    return f"Costs measured on: {machine}; PostgreSQL {costs.machine['postgresql']}; {load}.{busy}\n\n{table}"


# Cells


def _us(seconds: float) -> str:
    return (
        f"{1e3 * seconds:,.1f} ms"
        if seconds >= 1e-3
        else f"{1e6 * seconds:,.1f} µs"
        if seconds < 1e-5
        else f"{1e6 * seconds:,.0f} µs"
    )


def _count(value: float) -> str:
    """Two digits that count."""
    for unit, name in ((1e9, " billion"), (1e6, " million")):
        if value >= unit:
            return f"{_two(value / unit):,g}{name}"
    return f"{_two(value):,g}"


def _two(value: float) -> float:
    return float(f"{value:.2g}") if value < 1000 else float(f"{value:.3g}")


def _bytes(value: float) -> str:
    for unit, name in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if value >= unit:
            return f"{_two(value / unit):,g} {name}"
    return f"{_two(value / 1e3):,g} kB"


def _back(storm: Storm) -> str:
    if storm.back_s is None:
        return "not within a day"
    return f"{storm.back_s:,.0f} s" if storm.back_s < 120 else f"{storm.back_s / 60:,.0f} min"


def _folded(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _table(names: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [names, ["---"] * len(names), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
