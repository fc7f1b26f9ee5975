"""A delivery, by whatever door it came: read whole first, then taken in movement by movement, and what was refused.

A file that cannot be read changes nothing.  In one that can, each movement stands alone: a wrong line is told and
keeps no other from its doctor.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from miss.base.ids import OrganizationId, PractitionerId
from miss.base.text import Language
from movements.errors import MovementRefused, MovementsTooLarge
from movements.model import Movement, Tally
from movements.parts import Parts, Writer
from movements.reading import Answered, Message, compose_ack, parse_csv, parse_messages
from movements.receiving import Receiving

T = TypeVar("T")

MAX_BYTES: Final = 5_000_000
MAX_MOVEMENTS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line or message that was not taken."""

    where: str
    """The line of a CSV file, the control identifier of a message."""
    error: MovementRefused


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a delivery."""

    tally: Tally = field(default_factory=Tally)
    refusals: tuple[Refusal, ...] = ()


class Deliveries:
    """Reads and takes in."""

    def __init__(self, parts: Parts, receiving: Receiving) -> None:
        self._parts = parts
        self._receiving = receiving

    async def take_csv(
        self, organization_id: OrganizationId, content: bytes, by: PractitionerId | None = None
    ) -> Report:
        """`by`: who sends it by hand.

        Raises EstablishmentNotFound, ReplyContactMissing, MovementsTooLarge, MovementsUnreadable,
        MovementColumnsMissing.
        """
        writer = await self._receiving.require_writer(organization_id, by)
        lines = _bounded(parse_csv(_sized(content), self._parts.zone, self._parts.clock.now()))
        refusals = [Refusal(str(line.number), line.refused) for line in lines if line.refused]
        tally = await self._take(writer, (line.movement for line in lines if line.movement))
        return Report(tally, tuple(refusals))

    async def take_hl7(
        self, organization_id: OrganizationId, content: bytes, by: PractitionerId | None = None
    ) -> tuple[Report, bytes]:
        """The report, and an acknowledgement of each message.  Raises as `take_csv`, but for columns."""
        writer = await self._receiving.require_writer(organization_id, by)
        messages = _bounded(parse_messages(_sized(content), self._parts.zone, self._parts.clock.now()))
        report, acks = Report(), b""
        for message in messages:
            report, answered = await self._acknowledge(writer, message, report)
            acks += compose_ack(message, answered, self._parts.clock.now())
        return report, acks

    async def _acknowledge(self, writer: Writer, message: Message, report: Report) -> tuple[Report, Answered]:
        if message.refused is not None:
            refusals = (*report.refusals, Refusal(message.control_id, message.refused))
            return Report(report.tally, refusals), Answered("AE", message.refused.sentence(Language.FR))
        if message.movement is None:
            return report, Answered("AA")
        outcome = await self._receiving.take(writer, message.movement)
        return Report(report.tally.plus(outcome), report.refusals), Answered("AA")

    async def _take(self, writer: Writer, movements: Iterable[Movement]) -> Tally:
        tally = Tally()
        for movement in movements:
            tally = tally.plus(await self._receiving.take(writer, movement))
        return tally


def _sized(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise MovementsTooLarge(limit=MAX_MOVEMENTS, limit_mb=MAX_BYTES // 1_000_000)
    return content


def _bounded(read: Iterable[T]) -> list[T]:
    found: list[T] = []
    for one in read:
        if len(found) == MAX_MOVEMENTS:
            raise MovementsTooLarge(limit=MAX_MOVEMENTS, limit_mb=MAX_BYTES // 1_000_000)
        found.append(one)
    return found
