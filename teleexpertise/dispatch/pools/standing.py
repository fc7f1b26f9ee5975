"""Who of a pool can be asked now, and who next: what its coordinator sees.  Pure, by the rules of `dispatch.model`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from teleexpertise.dispatch.model import Member, Pool

AHEAD: Final = timedelta(days=14)
"""How far an opening is looked for: behind it, a coordinator reads « pas avant deux semaines »."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One member at one instant."""

    member: Member
    is_full: bool
    """As many requests in hand, or turns this week, as they agreed to."""
    opens_at: datetime | None
    """The next open instant within AHEAD, the present one included; None: none, or inactive."""

    def is_ready(self, now: datetime) -> bool:
        """Whether a request could be offered this minute."""
        return not self.is_full and self.opens_at is not None and self.opens_at <= now


def standings(pool: Pool, members: list[Member], now: datetime) -> list[Standing]:
    """Every member, those who can be asked soonest first, in the order of their turns among them."""
    found = [_standing(pool, member, now) for member in members]
    return sorted(found, key=lambda one: _order(one, now))


def _standing(pool: Pool, member: Member, now: datetime) -> Standing:
    is_full = (member.cap is not None and member.open_count >= member.cap) or (
        member.weekly_quota is not None and member.week_count >= member.weekly_quota
    )
    hours = member.availability.following(pool.hours)
    opens_at = hours.next_opening(now, now + AHEAD) if member.terms.active else None
    return Standing(member, is_full, opens_at)


def _order(one: Standing, now: datetime) -> tuple[bool, bool, float, int, float, str]:
    last_turn = one.member.last_turn
    return (
        not one.member.terms.active,
        one.is_full,
        (one.opens_at or now + AHEAD).timestamp(),
        one.member.credit,
        last_turn.timestamp() if last_turn else 0.0,
        one.member.practitioner_id,
    )
