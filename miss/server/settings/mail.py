"""The settings of mail: who signs, how it leaves, and what `arriving_mail` says of the way in (docs/mail.md)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from miss.server.settings.arriving_mail import ArrivingMailSettings
from miss.server.settings.images import ImageSettings

Port = Annotated[int, Field(ge=0, le=65_535)]


class MailSettings(ArrivingMailSettings, ImageSettings):
    """The part of `Settings` about mail."""

    mss_product: str = Field(
        "", max_length=60, description="Reference of this software at Convergence (MSSanté, X-MSS-NIL); empty: none."
    )
    mail_key_file: Path | None = Field(
        None,
        description="Key (PEM, mode 0600) that mails are signed with and opened with (S/MIME); empty: keys/mail.pem in "
        "data_dir, made at first start with a certificate that nobody vouches for.",
    )
    mail_certificate_file: Path | None = Field(
        None, description="Its certificate, those of its issuers after it (PEM); empty: in mail_key_file."
    )
    mail_host: str = Field("127.0.0.1", description="Address the SMTP listener binds.")
    mail_port: Port = Field(8025, description="Port of the SMTP listener; 0 takes a free one.")
    mail_max_bytes: int = Field(10_000_000, ge=100_000, description="Largest mail accepted from outside.")
    relay_host: str = Field("", description="SMTP relay for outgoing mail; empty: .eml files in data_dir/spool.")
    relay_port: Port = Field(25, description="Port of the relay.")
    relay_tls: bool = Field(True, description="Require STARTTLS toward the relay.")
    relay_user: str = Field("", description="User name at the relay, if it wants one.")
    relay_password: SecretStr | None = Field(None, description="Password at the relay.")
    certificate_authorities: Path | None = Field(
        None,
        description="Folder of the authorities whose S/MIME certificates are taken, with their lists of revoked ones "
        "(.crl); read again when a file changes. Empty: anybody's, shown as not verified.",
    )
    relays_file: Path | None = Field(None, description="Several relays (docs/mail.md); replaces the relay_ settings.")
    lines_per_domain: int = Field(
        2, ge=1, le=20, description="Connections at once toward one recipient's domain, on all processes."
    )
