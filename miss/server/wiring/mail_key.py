"""S/MIME with the platform's own key, built for the composition root."""

import contextlib

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.certificates import Certificates
from miss.mail.smime import OpensslCms, Smime, create_mail_key, load_mail_key
from miss.server.settings import Settings

LOCAL_PART = "miss"


def build_smime(settings: Settings, clock: Clock, random_bytes: RandomBytes, certificates: Certificates) -> Smime:
    """The embedded default makes its key at the first start; one that a deployment names must be there.

    Raises MailKeyUnfit.
    """
    path = settings.mail_key_file
    if path is None:
        path = settings.data_dir / "keys" / "mail.pem"
        with contextlib.suppress(FileExistsError):
            address = f"{LOCAL_PART}@{settings.mail_domain}"
            create_mail_key(path, address, "MiSS", clock.now(), random_bytes)
    own = load_mail_key(path, settings.mail_certificate_file or path)
    return Smime(OpensslCms(own), own, certificates.current, clock)
