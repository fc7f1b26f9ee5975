"""Debian's Postfix on the shipped configuration, one for the whole session: `tests.mail_servers`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mail.certificates import ClientCertificate, make_client_certificate
from tests.mail_servers import Postfix, mail_folder, postfix

GP_BOX = "paul.exemple@medecin.mssante.example"
HOME_BOX = "secretariat@ehpad-dunes.mssante.example"
"""Organisational: of the EHPAD fictif Les Dunes."""
BOXES = (GP_BOX, HOME_BOX, "anne.modele@ch-fictif.mssante.example", "karim.essai@ch-fictif.mssante.example")


@dataclass(frozen=True)
class Front:
    """The Postfix in front of the door that a test opens on `mx.door_port`."""

    mx: Postfix
    operator: ClientCertificate


@pytest.fixture(scope="session")
def front() -> Iterator[Front]:
    with mail_folder() as folder:
        operator = make_client_certificate(Path(folder))
        operators = (
            f"{operator.fingerprint} PREPEND Authentication-Results: mx.miss.example; "
            "x-tls-client=pass policy.operator=op.example\n"
        )
        # Every test comes from 127.0.0.1, and the limits are the door's to show.
        settings = "smtpd_client_connection_count_limit = 50\nsmtpd_client_connection_rate_limit = 0\n"
        settings += "smtpd_client_message_rate_limit = 0\nsmtp_connection_cache_on_demand = no\n"
        with postfix(folder, boxes=BOXES, operators=operators, settings=settings) as mx:
            yield Front(mx, operator)
