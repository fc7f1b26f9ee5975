"""How many people, and what they do on a working day.  Every number has a reason; none was measured on MiSS.  Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Population:
    """One size."""

    accounts: int
    name: str
    why: str


POPULATIONS = (
    Population(
        80_000,
        "80,000",
        "one secure-mail network of today: APICRYPT had 78,530 active users at the end of 2018",
    ),
    Population(
        1_500_000,
        "1.5 million",
        "everybody in the national register, which has 1.5 million lines (ADR 11)",
    ),
    Population(
        50_000_000,
        "50 million",
        "health workers of the whole world: 65 million in 2020 (WHO accounts, Boniol et al., BMJ Glob Health 2022)",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What one account does on average."""

    active: float = 0.6
    """Share of the accounts in use on a working day."""
    messages: float = 20.0
    """Sent by an active person on a working day."""
    group: float = 5.0
    """Members of the conversation that a message goes to."""
    devices: float = 2.0
    """Of a person."""
    online: float = 0.7
    """Share of active people's devices that are connected at the busiest time."""
    reads: float = 0.6
    """Read receipts for each message and reader: several messages are often opened at once."""
    typing: float = 2.0
    """Frames that say "is writing" or "has stopped", for each message."""
    logins: float = 8.0
    """Connections a device opens on a working day."""
    photos: float = 0.05
    """Share of the messages that carry one."""
    photo_bytes: float = 300_000.0
    new_conversations: float = 0.2
    """Begun by an active person on a working day."""
    epochs: float = 3.0
    """Commits of one conversation in its life."""
    working_days: float = 250.0
    """A year; the other days are not counted."""


HABITS = Habits()

# In the order of the fields above.
REASONS = {
    "active": "assumed",
    "messages": "assumed, on the safe side: a user of that network had 4.6 mails a working day (90.7 million in 2018, "
    "61 % of them from laboratories); one of 16 in a surgical team's chat wrote 2.5 (5,004 in six months, Beh et al., "
    "IJNVO 2021)",
    "group": "assumed: pairs and care teams",
    "devices": "assumed: telephone and workstation",
    "online": "assumed, at the busiest time: without push a device has to be connected to be told",
    "reads": "assumed, by message and reader: several are opened at once",
    "typing": "assumed, by message: begun, ended",
    "logins": "assumed, by device: telephones sleep and change networks",
    "photos": "by message: 195 of 5,492 (Ellanti et al., Cureus 2017), 242 of 5,004 (Beh et al.)",
    "photo_bytes": "measured: 12 megapixels brought to 1,600 pixels",
    "new_conversations": "assumed: one a week",
    "epochs": "assumed, in a conversation's life",
    "working_days": "a year; other days not counted",
}

HOURS = (3, 2, 2, 2, 3, 6, 15, 40, 80, 120, 105, 95, 65, 70, 85, 80, 70, 60, 40, 20, 14, 10, 8, 5)
"""Thousandths of the day's messages in each hour.  A surgical team's chat had 23 % after hours (Beh et al.)."""
NINE = 9
BURST, BURST_MIN = 1.5, 10
"""The first minutes of that hour are busier than its mean by this factor; the others make up for it."""
MINUTES = 24 * 60


def share_of(minute: int) -> float:
    """The part of a day's messages that falls into one minute of it."""
    hour, within = divmod(minute, 60)
    even = HOURS[hour] / sum(HOURS) / 60
    if hour != NINE:
        return even
    return even * (BURST if within < BURST_MIN else (60 - BURST * BURST_MIN) / (60 - BURST_MIN))


def online_at(minute: int, habits: Habits) -> float:
    """The part of active people's devices that are connected: follows the messages, never under a tenth."""
    busiest = max(HOURS)
    return habits.online * max(HOURS[minute // 60] / busiest, 0.1)


def peak_minute() -> int:
    """The busiest of the day."""
    return max(range(MINUTES), key=share_of)
