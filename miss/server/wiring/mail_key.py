"""S/MIME with the platform's own key, built for the composition root."""

import contextlib

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.certificates import Certificates
from miss.mail.smime import OpensslCms, Smime, create_mail_key, load_mail_key
from miss.server.service import find_services
from miss.server.settings import Settings

LOCAL_PART = "miss"


def addresses_of(domain: str) -> list[str]:
    """The addresses that mails leave from: the house's, and that of each service, which calls it `mailbox` in its
    settings."""
    own = [getattr(service.settings(), "mailbox", "") for service in find_services().all]
    return [f"{local_part}@{domain}" for local_part in (LOCAL_PART, *own) if local_part]


def build_smime(settings: Settings, clock: Clock, random_bytes: RandomBytes, certificates: Certificates) -> Smime:
    """The embedded default makes its key at the first start; one that a deployment names must be there.

    Raises MailKeyUnfit.
    """
    path = settings.mail_key_file
    if path is None:
        path = settings.data_dir / "keys" / "mail.pem"
        if not path.exists():
            # Another process may make it at this moment: its key then serves both.
            with contextlib.suppress(FileExistsError):
                create_mail_key(path, addresses_of(settings.mail_domain), "MiSS", clock.now(), random_bytes)
    own = load_mail_key(path, settings.mail_certificate_file or path)
    return Smime(OpensslCms(own), own, certificates.current, clock)
