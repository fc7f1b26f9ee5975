"""A mail about a patient whose addressee has left: it goes to the successor, and says so where it is seen.

An HPRIM body is left as it is, since software files it by its first lines: there the subject alone says it.
"""

from dataclasses import replace

from miss.documents.mssante import read_subject
from miss.mail.outbound.model import OutboundMail, TextCharset
from teleexpertise.letters.envelope import Correspondent, paragraphs


def redirected(mail: OutboundMail, to: Correspondent, *, leaver: str) -> OutboundMail:
    """The same mail, under the same Message-ID, to the successor of `leaver` (a display name)."""
    line = f"Ce message était destiné à {leaver}, qui a cessé son activité ; il vous est remis, son successeur."
    text = mail.text if mail.charset is TextCharset.LATIN_1 else paragraphs(line, mail.text.rstrip("\n"))
    # The subject of MSSanté files the mail: there the letter itself says for whom it was.
    is_filed = read_subject(mail.subject) is not None
    subject = mail.subject if is_filed else f"[Pour {leaver}, remis à son successeur] {mail.subject}"
    return replace(mail, to=to.box, subject=subject, text=text)
