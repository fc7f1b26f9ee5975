"""A letter as the mail that its recipient's software can file.

The body is the letter as HPRIM text, always: whoever reads it needs to open nothing.  What comes beside it follows what
the directory says of the recipient: nothing, a PDF, an IHE XDM archive with the CDA document.
"""

from miss.mail.letters.compose import Beside, LetterMail, compose_letter_mail, compose_pdf, compose_xdm, weight_of

__all__ = ["Beside", "LetterMail", "compose_letter_mail", "compose_pdf", "compose_xdm", "weight_of"]
