"""The settings of mail that arrives: who is believed, what is refused, and where else it is fetched (docs/mail.md)."""

from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from miss.mail.inbound.authentication.model import Signing
from miss.mail.inbound.imap.account import TlsKind

Port = Annotated[int, Field(ge=0, le=65_535)]


class SenderProof(StrEnum):
    """Whether a mail has to prove who wrote it."""

    REQUIRED = "required"
    NONE = "none"


class ArrivingMailSettings(BaseSettings):
    """The part of `Settings` that says how mail comes in."""

    mail_fronts: str = Field(
        "127.0.0.1,::1",
        description="Addresses or networks of the Postfix in front of the SMTP listener (deploy/postfix), "
        "comma-separated: its XFORWARD, and what it writes above its own Received, are believed.",
    )
    mail_relays: str = Field(
        "",
        description="Addresses or networks of relays in front of that Postfix which remove forged "
        "Authentication-Results and write their own.",
    )
    mail_authserv: str = Field(
        "",
        description="Name under which our servers write Authentication-Results, such as mx.miss.example; empty: none "
        "is believed.",
    )
    mail_dkim_selector: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._-]{0,63}$",
        description="Selector under which our relay signs (DKIM): « miss check » looks for its key in the DNS.",
    )
    mail_operators: str = Field(
        "",
        description="Operators known by client certificate and the domains they answer for: "
        "operateur.example=medecin.example labo.example; other.example=….",
    )
    mail_sender_proof: SenderProof | None = Field(
        None,
        description="required: a mail is taken only with S/MIME, an operator's certificate, DMARC or aligned DKIM; "
        "none: envelope, header and directory have to agree. Empty: required over https, none else.",
    )
    mail_signing: Signing = Field(
        Signing.ACCEPTED,
        description="Who must sign with S/MIME: accepted, nobody; declared, who has a certificate in the directory; "
        "required, everybody.",
    )
    mail_per_hour: int = Field(120, ge=1, description="Mails that one sender may bring within an hour.")
    mail_lines_each: int = Field(
        5, ge=1, description="Mails brought at the same time by one server, or for one domain; more hear 421."
    )
    mail_lines_all: int = Field(100, ge=1, description="Mails brought at the same time by everybody.")
    mail_tls_certificate: Path | None = Field(
        None, description="Certificate chain (PEM) with which the SMTP listener offers STARTTLS; empty: not offered."
    )
    mail_tls_key: Path | None = Field(None, description="Its private key (PEM), mode 0600.")
    lmtp_port: Port | None = Field(
        None, description="Port of an LMTP listener beside the SMTP one; 0 takes a free one; empty: none."
    )

    imap_host: str = Field("", description="IMAP server whose mailbox is fetched for the platform; empty: none.")
    imap_port: Port = Field(993, description="Its port.")
    imap_tls: TlsKind = Field(TlsKind.TLS, description="tls, starttls, or none on a private way.")
    imap_user: str = Field("", description="User name of the mailbox.")
    imap_password: SecretStr | None = Field(None, description="Its password.")
    imap_poll_s: float = Field(60.0, ge=1, description="How often to look where the server does not tell us (IDLE).")

    @field_validator("mail_fronts", "mail_relays")
    @classmethod
    def _lists_networks(cls, value: str) -> str:
        try:
            for network in filter(None, value.split(",")):
                ip_network(network.strip())
        except ValueError:
            raise ValueError(
                "MISS_MAIL_FRONTS, MISS_MAIL_RELAYS : des adresses ou des réseaux séparés par des virgules, comme "
                "127.0.0.1,10.0.0.0/24 (addresses or networks)"
            ) from None
        return value

    @model_validator(mode="after")
    def _mail_goes_together(self) -> "ArrivingMailSettings":
        if (self.mail_tls_certificate is None) != (self.mail_tls_key is None):
            raise ValueError("MISS_MAIL_TLS_CERTIFICATE et MISS_MAIL_TLS_KEY vont ensemble (go together)")
        if self.imap_host and not (self.imap_user and self.imap_password):
            raise ValueError("MISS_IMAP_HOST : indiquez aussi MISS_IMAP_USER et MISS_IMAP_PASSWORD (needed as well)")
        if (self.mail_operators or self.mail_relays) and not self.mail_authserv:
            raise ValueError(
                "MISS_MAIL_AUTHSERV manque : le nom sous lequel vos serveurs écrivent Authentication-Results, comme "
                "mx.miss.example (missing)"
            )
        return self
