"""What somebody is told who writes to a person who has blocked them.

The reason is in the code, since a client may have nothing but the code to show.
"""

from miss.base.errors import Forbidden
from miss.base.text import Text


class WriterBlocked(Forbidden):
    """By `uid`, who keeps the reason to themselves."""

    code = "writer_blocked"
    text = Text(
        fr="Ce correspondant a bloqué vos messages. Ils ne lui sont pas remis ; joignez-le autrement.",
        en="This correspondent has blocked your messages. They are not delivered; reach them in another way.",
    )


class WriterBlockedForFormat(Forbidden):
    """By `uid`: what is sent is of no use to their software."""

    code = "writer_blocked_format"
    text = Text(
        fr="Ce correspondant a bloqué vos messages : leur format ne convient pas à son usage. Ils ne lui sont pas "
        "remis ; joignez-le autrement.",
        en="This correspondent has blocked your messages: their format does not suit them. They are not delivered; "
        "reach them in another way.",
    )


class WriterUnwanted(Forbidden):
    """By `uid`, who does not want these messages."""

    code = "writer_unwanted"
    text = Text(
        fr="Ce correspondant a bloqué vos messages : il ne souhaite pas les recevoir. Ils ne lui sont pas remis.",
        en="This correspondent has blocked your messages: they do not want to receive them. They are not delivered.",
    )


class CorrespondentBlocked(Forbidden):
    """The writer has blocked `uid`."""

    code = "correspondent_blocked"
    text = Text(
        fr="Vous avez bloqué ce correspondant. Pour lui écrire, débloquez-le dans « Mon compte », « Correspondants "
        "bloqués ».",
        en="You have blocked this correspondent. To write to them, unblock them under “My account”, “Blocked "
        "correspondents”.",
    )
