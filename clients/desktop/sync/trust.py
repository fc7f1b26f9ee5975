"""Whom this client believes that a server is the server: the public authorities, or those that IT names.

The machine's own list is not asked: the appliance of a network that opens TLS is in it on every managed computer, and
a connection that is read on its way is what this client refuses.
"""

import ssl
from pathlib import Path

import certifi

from clients.desktop.policy import Policy, PolicyRefused


def authorities(policy: Policy) -> ssl.SSLContext:
    """A context for every connection to the server.  Raises PolicyRefused if the file that IT names cannot be read."""
    named = policy.authority_file
    try:
        return ssl.create_default_context(cafile=named or certifi.where())
    except (OSError, ValueError):  # SSLError is an OSError
        raise PolicyRefused(where=f"authority_file: {Path(named).name}") from None
