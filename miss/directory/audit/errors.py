"""What the access log refuses."""

from miss.base.errors import BadInput
from miss.base.text import Text


class AuditFileUnreadable(BadInput):
    """A line of an exported file is not what `miss audit export` or `miss audit anchors` writes."""

    code = "audit_file_unreadable"
    text = Text(
        fr="La ligne {line} de ce fichier n'est pas celle d'un export du journal des accès. Reprenez le fichier tel "
        "que « miss audit export » ou « miss audit anchors » l'a écrit.",
        en="Line {line} of this file is not one of an export of the access log. Take the file as `miss audit export` "
        "or `miss audit anchors` wrote it.",
    )


class AuditCursorUnknown(BadInput):
    """The cursor of a page of entries is not one this log gave."""

    code = "audit_cursor_unknown"
    text = Text(
        fr="Cette page du journal n'existe pas. Revenez à la première page.",
        en="This page of the log does not exist. Go back to the first page.",
    )
