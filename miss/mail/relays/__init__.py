"""The SMTP relays that mail leaves by: which one for which domain, in which order, through how many connections.

`model` is pure; `configuration` reads the operator's file; `session` is one SMTP connection; `service` chooses, keeps
connections for the next mail and goes round a relay that is away.
"""

from miss.mail.relays.configuration import load_relays
from miss.mail.relays.model import Relay, TlsPolicy, route
from miss.mail.relays.service import Relays

__all__ = ["Relay", "Relays", "TlsPolicy", "load_relays", "route"]
