"""Whether a chat kept its word: histories of what clients tried, were promised and saw → what is wrong with them.

The promises are those of protocol §4 and §7, whatever fails meanwhile:

- what was acknowledged is read by every reader who may read that place (else LOST);
- what is read or acknowledged was once sent (else INVENTED), and is shown once (else DUPLICATE);
- every reader sees the same order (else ORDER), without holes (else GAP);
- an acknowledgement names the place where the message is read (else MISPLACED), and its receipt proves it (else
  RECEIPT).

Pure: values in, values out.  It asks nobody, waits for nothing, and knows neither frames nor servers.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Which promise was broken."""

    LOST = "lost"
    INVENTED = "invented"
    DUPLICATE = "duplicate"
    ORDER = "order"
    GAP = "gap"
    MISPLACED = "misplaced"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise; `who`: the client whose history shows it."""

    kind: Kind
    who: str
    seq: int
    id: int
    detail: str = ""


@dataclass(slots=True)
class Acks:
    """What one writer was promised, in the order of the answers: columns of one table."""

    ids: Sequence[int] = ()
    seqs: Sequence[int] = ()
    logs: Sequence[bytes] = ()
    """The log that each receipt names; as long as `ids`, or empty if receipts are not looked at."""


@dataclass(slots=True)
class WriterHistory:
    """One client as a writer.  `attempted`: every message it sent at least once; ids are unique in a conversation."""

    name: str
    attempted: Collection[int]
    acks: Acks = field(default_factory=Acks)
    bad_receipts: Sequence[tuple[int, str]] = ()
    """Messages whose receipt did not verify, and why."""


@dataclass(slots=True)
class ReaderHistory:
    """One client as a reader: what it showed, in the order in which it did."""

    name: str
    seqs: Sequence[int]
    ids: Sequence[int]
    first_seq: int = 1
    """The reader's membership begins here…"""
    last_seq: int | None = None
    """… and ends here; None: it lasts."""

    def may_read(self, seq: int) -> bool:
        """True if the place lies within the membership."""
        return self.first_seq <= seq and (self.last_seq is None or seq <= self.last_seq)


NextLog = Callable[[bytes, int, int], bytes]
"""(log before, id, seq) → log after: how the log of a conversation is computed (protocol §3)."""


@dataclass(slots=True)
class Conversation:
    """Everything that clients know about one conversation."""

    name: str
    writers: Sequence[WriterHistory]
    readers: Sequence[ReaderHistory]
    log_start: bytes = b""
    next_log: NextLog | None = None
    """None: receipts are not compared with the log."""


def judge(conversation: Conversation) -> list[Violation]:
    """Everything that is wrong; empty if every promise was kept."""
    attempted = set[int]().union(*(writer.attempted for writer in conversation.writers))
    order: dict[int, int] = {}
    violations: list[Violation] = []
    for reader in conversation.readers:
        violations += _judge_reading(reader, attempted)
        violations += _compare_order(reader, order)
    violations += _judge_acks(conversation)
    violations += _judge_receipts(conversation, order)
    return violations


def _judge_reading(reader: ReaderHistory, attempted: set[int]) -> Iterator[Violation]:
    """One reader alone: holes, repetitions, messages nobody wrote."""
    previous = reader.first_seq - 1
    shown: set[int] = set()
    for seq, id_ in zip(reader.seqs, reader.ids, strict=True):
        if seq > previous + 1:
            yield Violation(Kind.GAP, reader.name, seq, id_, f"{previous + 1} to {seq - 1} were skipped")
        elif seq <= previous:
            yield Violation(Kind.ORDER, reader.name, seq, id_, f"shown after {previous}")
        if not reader.may_read(seq):
            yield Violation(Kind.INVENTED, reader.name, seq, id_, "not theirs to read")
        if id_ not in attempted:
            yield Violation(Kind.INVENTED, reader.name, seq, id_, "never sent")
        if id_ in shown:
            yield Violation(Kind.DUPLICATE, reader.name, seq, id_)
        shown.add(id_)
        previous = max(previous, seq)


def _compare_order(reader: ReaderHistory, order: dict[int, int]) -> Iterator[Violation]:
    """Against what the readers before saw at the same places; `order` grows by what is new."""
    for seq, id_ in zip(reader.seqs, reader.ids, strict=True):
        known = order.setdefault(seq, id_)
        if known != id_:
            yield Violation(Kind.ORDER, reader.name, seq, id_, f"others have {known} there")


def _judge_acks(conversation: Conversation) -> Iterator[Violation]:
    """Every promise against every reader it concerns."""
    places: dict[int, int] = {}
    for writer in conversation.writers:
        for id_, seq in zip(writer.acks.ids, writer.acks.seqs, strict=True):
            if id_ not in writer.attempted:
                yield Violation(Kind.INVENTED, writer.name, seq, id_, "acknowledged, not theirs")
            if places.setdefault(id_, seq) != seq:
                yield Violation(Kind.MISPLACED, writer.name, seq, id_, f"acknowledged at {places[id_]} before")
    taken: dict[int, int] = {}
    for id_, seq in places.items():
        if taken.setdefault(seq, id_) != id_:
            yield Violation(Kind.MISPLACED, "acks", seq, id_, f"{taken[seq]} was acknowledged there")
    for reader in conversation.readers:
        read_at = dict(zip(reader.ids, reader.seqs, strict=True))
        for id_, seq in places.items():
            if reader.may_read(seq) and id_ not in read_at:
                yield Violation(Kind.LOST, reader.name, seq, id_, "acknowledged, not read")
            elif read_at.get(id_, seq) != seq:
                yield Violation(Kind.MISPLACED, reader.name, read_at[id_], id_, f"acknowledged at {seq}")


def _judge_receipts(conversation: Conversation, order: dict[int, int]) -> Iterator[Violation]:
    """Signatures were checked by those who got them; here each named log is compared with the one that was read."""
    for writer in conversation.writers:
        for id_, why in writer.bad_receipts:
            yield Violation(Kind.RECEIPT, writer.name, 0, id_, why)
    if conversation.next_log is None:
        return
    logs: dict[int, bytes] = {}
    log = conversation.log_start
    for seq in range(1, len(order) + 1):
        if seq not in order:
            return  # a hole, found above: nobody can compute the log beyond it
        log = logs[seq] = conversation.next_log(log, order[seq], seq)
    for writer in conversation.writers:
        acks = writer.acks
        for id_, seq, named in zip(acks.ids, acks.seqs, acks.logs, strict=True):
            if seq in logs and logs[seq] != named:
                yield Violation(Kind.RECEIPT, writer.name, seq, id_, "its log is not the one that was read")
