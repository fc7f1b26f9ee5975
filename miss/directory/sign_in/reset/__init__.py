"""« Mot de passe oublié »: a link to the verified mailbox, then the second factor.

Neither of the two alone changes a password, and no password is ever mailed.
"""

from miss.directory.sign_in.reset.model import ResetMail, ResetMailKind, SendResetMail
from miss.directory.sign_in.reset.service import PasswordReset

__all__ = ["PasswordReset", "ResetMail", "ResetMailKind", "SendResetMail"]
