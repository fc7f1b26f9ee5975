"""What a notification may say.  By default nothing: the screen of a ward is seen by everybody.  Pure."""

from dataclasses import dataclass

from clients.desktop.state.facts import Arrived
from clients.desktop.state.model import NoticeLevel
from clients.desktop.words import _


@dataclass(frozen=True, slots=True)
class Notice:
    """Title and body; urgent ones stay until they are seen."""

    title: str
    body: str
    is_urgent: bool


def notice_of(arrived: Arrived, level: NoticeLevel, *, is_watched: bool, is_quiet: bool = False) -> Notice | None:
    """What to say of a message that came; None: nothing.

    `is_watched`: its conversation is in front of the person.  A muted conversation says nothing but alarms and
    messages that are urgent; no more does anything while the person does not want to be disturbed (`is_quiet`).
    """
    message = arrived.message
    is_urgent = message.urgent or message.alarm is not None
    if is_watched or ((arrived.row.muted or is_quiet) and not is_urgent):
        return None
    title = _("Résultat alarmant") if message.alarm else _("Message urgent") if is_urgent else _("Nouveau message")
    if level is NoticeLevel.NOTHING:
        return Notice(title, _("Ouvrez MiSS pour le lire."), is_urgent)
    who = arrived.author if arrived.author == arrived.row.title else f"{arrived.author} · {arrived.row.title}"
    if level is NoticeLevel.NAME:
        return Notice(title, who, is_urgent)
    text = message.text or (_("Photo") if message.attachments else "")
    return Notice(title, f"{who}\n{text[:200]}", is_urgent)
