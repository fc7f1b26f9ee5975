"""S/MIME (RFC 8551): every mail of ours signed, encrypted to who can read it; every mail that comes opened and judged.

MSSanté itself protects mail from operator to operator by TLS; this is the layer that holds from author to reader, as
APICRYPT's did.  It adds nothing to what a mail says, and takes nothing from it but its subject when it is encrypted.
"""

from miss.mail.smime.cms import Cms, OpensslCms
from miss.mail.smime.keys import MailKey, create_mail_key, load_mail_key
from miss.mail.smime.model import Opened, Signature
from miss.mail.smime.service import Smime
from miss.mail.smime.ways import OpeningProtection, ProtectedTransport

__all__ = [
    "Cms",
    "MailKey",
    "Opened",
    "OpeningProtection",
    "OpensslCms",
    "ProtectedTransport",
    "Signature",
    "Smime",
    "create_mail_key",
    "load_mail_key",
]
