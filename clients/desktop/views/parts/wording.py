"""What the lines of a conversation say: on the screen (HTML), to a screen reader, in a copy.  No widgets here.

Everything that others wrote is escaped; nothing in it becomes a link or a picture of its own accord.
"""

from datetime import datetime
from html import escape

from clients.desktop.state.model import Thread, Waiting
from clients.desktop.state.reading import (
    AlarmStanding,
    DayLine,
    Line,
    MessageLine,
    Reach,
    Receipt,
    UnreadLine,
    WaitingLine,
    alarm_standing,
    name_of,
)
from clients.desktop.views.theme import Colours
from clients.desktop.words import _, day, hour, ngettext
from miss.base.ids import AccountId
from miss.client.model import LEAVE, NAME, Alarm, Message, Presence


def author(thread: Thread, message: Message) -> str:
    """Who wrote it."""
    if message.is_mine:
        return _("Vous")
    return name_of(thread, message.uid) or _("Ancien membre")


def presence_text(presence: Presence) -> str:
    """« Présent », « De garde », « Ne pas déranger », « Absent »."""
    return {
        Presence.PRESENT: _("Présent"),
        Presence.ON_DUTY: _("De garde"),
        Presence.DO_NOT_DISTURB: _("Ne pas déranger"),
        Presence.AWAY: _("Absent"),
    }[presence]


def receipt_text(receipt: Receipt) -> str:
    """« Lu », « Lu par 2 sur 3 », « Distribué », « Envoyé »."""
    if receipt.others == 0:
        return _("Envoyé")
    if receipt.reach is Reach.READ:
        if receipt.is_complete:
            return _("Lu") if receipt.others == 1 else _("Lu par tous")
        return _("Lu par {read} sur {others}").format(read=receipt.read, others=receipt.others)
    if receipt.reach is Reach.DELIVERED:
        return _("Distribué")
    return _("Envoyé")


def standing_text(standing: AlarmStanding, alarm: Alarm, thread: Thread) -> str:
    """Where an alarm stands, for the person in front of the screen."""
    match standing:
        case AlarmStanding.DONE:
            at = hour(alarm.acknowledged_at, None) if alarm.acknowledged_at else ""
            who = name_of(thread, alarm.acknowledged_by)
            return _("Acquitté par {who} à {at}").format(who=who or "…", at=at)
        case AlarmStanding.ASKED:
            return _("C’est à vous d’en accuser réception, avant {at}").format(at=hour(alarm.ack_by, None))
        case AlarmStanding.FOLLOW:
            who = name_of(thread, alarm.asked)
            if who:
                return _("Demandé maintenant à {who}").format(who=who)
            return _("En attente d’un accusé de réception avant {at}").format(at=hour(alarm.ack_by, None))
        case AlarmStanding.OTHER:
            return _("Demandé maintenant à {who}").format(who=name_of(thread, alarm.asked) or "…")
        case AlarmStanding.EXHAUSTED:
            return _("Personne n’a répondu : appelez.")
        case AlarmStanding.ANSWER:
            return _("Accusez réception avant {at}").format(at=hour(alarm.ack_by, None))


def said(thread: Thread, message: Message) -> str:
    """The text of a message, or what stands in its place."""
    if message.refused:
        return _("Message écarté : il n’a pas pu être vérifié ({code}).").format(code=message.refused)
    if message.is_deleted:
        return _("Message supprimé par son auteur")
    if message.type == NAME:
        return _("{who} a nommé la conversation « {name} »").format(who=author(thread, message), name=message.text)
    if message.type == LEAVE:
        return _("{who} a quitté la conversation").format(who=author(thread, message))
    if not message.is_supported:
        return _("Contenu non pris en charge par cette version : mettez MiSS à jour.")
    return message.text


def line_text(line: Line, thread: Thread, me: AccountId, now: datetime) -> str:
    """A line as a screen reader says it, and as it is copied."""
    match line:
        case DayLine(at):
            return day(at, None, today=now)
        case UnreadLine(count):
            return ngettext("{count} message non lu", "{count} messages non lus", count)
        case WaitingLine(waiting):
            text = waiting.text or _("Photo ou fichier")
            return _("Vous : {text}. {standing}").format(text=text, standing=waiting_text(waiting))
        case MessageLine(message, _continues, receipt):
            whole = _("{author}, {hour} : {text}")
            sent, text = hour(message.sent_at, None), said(thread, message)
            parts = [whole.format(author=author(thread, message), hour=sent, text=text)]
            if message.quote:
                parts.append(_("En réponse à : {text}").format(text=message.quote.text[:80]))
            parts += [one.name or _("Photo") for one in message.attachments]
            if message.urgent:
                parts.insert(0, _("Résultat alarmant") if message.alarm else _("Urgent"))
            standing = alarm_standing(message, me)
            if standing and message.alarm:
                parts.append(standing_text(standing, message.alarm, thread))
            if message.edited_at:
                parts.append(_("modifié"))
            parts += [f"{one.emoji} {len(one.uids)}" for one in message.reactions]
            if receipt:
                parts.append(receipt_text(receipt))
            return ". ".join(part for part in parts if part)


def waiting_text(waiting: Waiting) -> str:
    """Where something that has not left stands."""
    if waiting.failed:
        return _("Non envoyé. {why}").format(why=waiting.sentence)
    if waiting.size_bytes:
        return _("Envoi : {percent} %").format(percent=100 * waiting.sent_bytes // waiting.size_bytes)
    return _("En attente d’envoi")


def body_html(line: Line, thread: Thread, me: AccountId, c: Colours, now: datetime) -> str:
    """What stands in a bubble, or across the page for days and separators."""
    match line:
        case DayLine():
            return f'<p align="center" style="color:{c.faint}">{escape(line_text(line, thread, me, now))}</p>'
        case UnreadLine():
            words = escape(line_text(line, thread, me, now))
            return f'<p align="center" style="color:{c.danger}"><b>{words}</b></p>'
        case WaitingLine(waiting):
            text = _multiline(waiting.text or _("Photo ou fichier"))
            colour = c.danger if waiting.failed else c.faint
            sign = "⚠ " if waiting.failed else "◔ "
            return (
                f'<p>{text}</p><p align="right" style="color:{colour}"><small>{sign}'
                f"{escape(waiting_text(waiting))}</small></p>"
            )
        case MessageLine(message, continues, receipt):
            return _message_html(message, continues, receipt, thread, me, c)


def _message_html(
    message: Message, continues: bool, receipt: Receipt | None, thread: Thread, me: AccountId, c: Colours
) -> str:
    parts = []
    if not message.is_mine and not continues:
        seal = " ✔" if message.uid in thread.verified else ""
        alert = " ⚠" if message.uid in thread.warned else ""
        parts.append(f'<p style="color:{c.accent}"><b>{escape(author(thread, message))}{seal}{alert}</b></p>')
    standing = alarm_standing(message, me)
    if message.alarm is not None:
        word = _("Résultat alarmant")
        parts.append(f'<p style="color:{c.danger}"><b>⚠ {escape(word)}</b></p>')
    elif message.urgent:
        word = _("Urgent")
        parts.append(f'<p style="color:{c.danger}"><b>! {escape(word)}</b></p>')
    if message.quote is not None:
        who = _("Vous") if message.quote.uid == me else name_of(thread, message.quote.uid) or _("Ancien membre")
        text = message.quote.text or (_("Message supprimé") if message.quote.is_deleted else _("Photo ou fichier"))
        parts.append(_quote_html(who, text[:140], c))
    text = said(thread, message)
    if message.refused or message.is_deleted or not message.is_supported or message.type in (NAME, LEAVE):
        parts.append(f'<p style="color:{c.faint}"><i>{escape(text)}</i></p>')
    elif text:
        parts.append(f"<p>{_multiline(text)}</p>")
    parts += [
        f'<p>▤ <b>{escape(one.name)}</b> <span style="color:{c.faint}">{one.size // 1024 + 1}&nbsp;Kio</span></p>'
        for one in message.attachments
        if not one.mime.startswith("image/")
    ]
    if standing and message.alarm:
        sentence = escape(standing_text(standing, message.alarm, thread))
        colour = c.faint if standing is AlarmStanding.DONE else c.danger
        parts.append(f'<p style="color:{colour}"><b>{sentence}</b></p>')
    if message.reactions:
        chips = "&nbsp; ".join(
            f'<span style="background:{c.window}">&nbsp;{escape(one.emoji)}&nbsp;{len(one.uids)}&nbsp;</span>'
            for one in message.reactions
        )
        parts.append(f"<p>{chips}</p>")
    parts.append(f'<p align="right" style="color:{c.faint}"><small>{escape(_foot(message, receipt))}</small></p>')
    return "".join(parts)


def _quote_html(who: str, text: str, c: Colours) -> str:
    """What is answered, with a bar before it."""
    return (
        f'<table cellspacing="0" cellpadding="0"><tr><td bgcolor="{c.accent}" width="3"></td><td width="7"></td>'
        f'<td style="color:{c.faint}"><small><b>{escape(who)}</b><br>{escape(text)}</small></td></tr></table>'
    )


def _foot(message: Message, receipt: Receipt | None) -> str:
    parts = [hour(message.sent_at, None)]
    if message.edited_at:
        parts.append(_("modifié"))
    if receipt:
        parts.append(receipt_text(receipt))
    return " · ".join(parts)


def _multiline(text: str) -> str:
    return escape(text).replace("\n", "<br>")
