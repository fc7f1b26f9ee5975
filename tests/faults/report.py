"""The report of a soak: what was run, what broke, how long recovery took.  Values in, Markdown out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tests.faults.drill import Outcome, percentile
from tests.faults.oracle import Kind

BEGIN, END = "<!-- soak: begin -->", "<!-- soak: end -->"


class Soak(msgspec.Struct):
    """Everything a run leaves behind."""

    command: str
    machine: Mapping[str, str]
    outcomes: Sequence[Outcome]
    control: Outcome
    messages: int
    """Asked for, as are…"""
    faults: int

    @property
    def is_right(self) -> bool:
        """True if every promise was kept, the control was caught, and there was as much of it as was asked for."""
        return all(outcome.is_right for outcome in self.outcomes) and self.is_caught and self.is_enough

    @property
    def is_caught(self) -> bool:
        return self.control.violations[Kind.LOST] > 0

    @property
    def is_enough(self) -> bool:
        acked, faults = sum(each.acked for each in self.outcomes), sum(each.faults for each in self.outcomes)
        return acked >= self.messages and faults >= self.faults


def compose_markdown(soak: Soak) -> str:
    """The tables, headed by the command."""
    parts = [f"`{soak.command}`", _machine(soak.machine), _totals(soak), _recoveries(soak.outcomes)]
    parts += [_unforeseen(outcome) for outcome in soak.outcomes if not outcome.is_right]
    if not soak.is_enough:
        parts.append(f"**Too little:** {soak.messages:,} messages and {soak.faults:,} faults were asked for.")
    verdict = "caught" if soak.is_caught else "**NOT CAUGHT**"
    parts.append(
        f"Negative control (acknowledges before it commits; SQLite, {soak.control.acked:,} messages, two kills): "
        f"{verdict}. The oracle reports {_violations(soak.control)}."
    )
    return "\n\n".join(parts)


def _machine(machine: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(machine.items()))


def _totals(soak: Soak) -> str:
    rows = [
        "| | " + " | ".join(_store(outcome) for outcome in soak.outcomes) + " | together |",
        "|---|" + "---:|" * (len(soak.outcomes) + 1),
    ]
    figures: list[tuple[str, list[float]]] = [
        ("seconds", [outcome.seconds for outcome in soak.outcomes]),
        ("messages acknowledged", [outcome.acked for outcome in soak.outcomes]),
        ("read, over all readers", [outcome.shown for outcome in soak.outcomes]),
        ("faults", [outcome.faults for outcome in soak.outcomes]),
        ("messages sent again", [outcome.events.get("repeated", 0) for outcome in soak.outcomes]),
        ("… of them stored already (`dup`)", [outcome.answered_again for outcome in soak.outcomes]),
        ("connections lost", [outcome.events.get("connections lost", 0) for outcome in soak.outcomes]),
        ("`lag`", [outcome.events.get("lag", 0) for outcome in soak.outcomes]),
    ]
    figures += [(f"**{_NAMES[kind]}**", [each.violations[kind] for each in soak.outcomes]) for kind in Kind]
    rows += [
        f"| {name} | " + " | ".join(f"{value:,.0f}" for value in (*values, sum(values))) + " |"
        for name, values in figures
    ]
    return "\n".join(rows)


_NAMES = {
    Kind.LOST: "acknowledged and lost",
    Kind.INVENTED: "read and never sent",
    Kind.DUPLICATE: "visible twice",
    Kind.ORDER: "out of the common order",
    Kind.GAP: "holes",
    Kind.MISPLACED: "not where the ack said",
    Kind.RECEIPT: "receipts that do not hold",
}


def _store(outcome: Outcome) -> str:
    return {"sqlite": "SQLite, one process", "postgresql": "PostgreSQL and Valkey, two processes"}[outcome.store]


def _recoveries(outcomes: Sequence[Outcome]) -> str:
    rows = ["| fault | store | times | recovery p50 | p99 | longest |", "|---|---|---:|---:|---:|---:|"]
    for outcome in outcomes:
        for name, values in sorted(outcome.recoveries_s.items()):
            rows.append(_row(name, outcome.store, values))
        rows.append(_row("**all**", outcome.store, [one for each in outcome.recoveries_s.values() for one in each]))
    return "\n".join(rows)


def _row(name: str, store: str, values: Sequence[float]) -> str:
    p50, p99 = percentile(values, 50), percentile(values, 99)
    return f"| {name} | {store} | {len(values)} | {p50:.2f} s | {p99:.2f} s | {max(values, default=0.0):.2f} s |"


def _unforeseen(outcome: Outcome) -> str:
    lines = [f"What went wrong ({outcome.store}):", ""]
    lines += [f"- {problem} ({times})" for problem, times in outcome.problems.items()]
    lines += [f"- {example}" for example in outcome.examples]
    return "\n".join(lines)


def _violations(outcome: Outcome) -> str:
    return ", ".join(f"{count:,} {_NAMES[Kind(kind)]}" for kind, count in outcome.violations.items() if count)


def put_between_marks(file: Path, text: str) -> None:
    """Replace what stands between the marks of a document.  Raises ValueError if it has none."""
    document = file.read_text()
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{file} has no {BEGIN} … {END}")
    file.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
