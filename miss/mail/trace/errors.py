"""What the trace refuses."""

from miss.base.errors import BadInput, NotFound
from miss.base.text import Text


class ReportUnreadable(BadInput):
    """A report whose fields cannot be read: `reason`."""

    code = "mail_report_unreadable"
    text = Text(
        fr="Ce compte rendu de messagerie est illisible ({reason}).",
        en="This mail report cannot be read ({reason}).",
    )


class MailedUnknown(NotFound):
    """No such mail left."""

    code = "mailed_unknown"
    text = Text(
        fr="Ce courriel n’existe pas, ou sa trace a été détruite.",
        en="There is no such mail, or its trace is destroyed.",
    )
