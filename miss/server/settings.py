"""Every setting of the server, with its default: a laptop needs none, a deployment sets a handful.

Read from the environment (`MISS_…`) and from the file named by `MISS_ENV_FILE`.  `miss check --settings` prints the
effective values, secrets left out.  Rooms never read settings: `miss.server.app` hands them plain values.
"""

from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from miss.base.retention import HOUSE
from miss.directory.agreements.model import Whom
from miss.directory.sign_in.psc.model import is_safe_address
from miss.server.backup.settings import BackupSettings
from miss.server.errors import SecretUnreadable
from miss.server.mail_settings import MailSettings
from miss.server.operator_settings import OperatorSettings
from miss.server.push_settings import PushSettings

Port = Annotated[int, Field(ge=0, le=65_535)]


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


class SecondFactorPolicy(StrEnum):
    """What the pages ask for after a password."""

    REQUIRED = "required"
    OFFERED = "offered"


class Settings(MailSettings, BackupSettings, PushSettings, OperatorSettings):
    """The server's settings."""

    model_config = SettingsConfigDict(env_prefix="MISS_", extra="forbid")

    data_dir: Path = Field(Path("var"), description="Folder of the embedded default: database, blobs, keys, spool.")
    database_url: SecretStr | None = Field(
        None, description="postgresql://user:password@host/name; empty: a SQLite file in data_dir."
    )
    keystore_url: SecretStr | None = Field(
        None,
        description="Database of the keys that seal content at rest, kept and backed up apart from the data.",
    )
    master_key_file: Path | None = Field(
        None,
        description="Master key, base64, mode 0600; empty: keys/master.key in data_dir, made at first start.",
    )
    master_key_days: int = Field(
        30,
        ge=0,
        le=365,
        description="Days a master key serves before the server renews it; only where the server made it itself. "
        "0: never. Elsewhere, run « miss keys renew » each month.",
    )
    platform_device_dir: Path | None = Field(
        None,
        description="Folder of the platform’s own MiSS device (miss platform link); empty: platform-device in "
        "data_dir. Without a device, notices go by mail only.",
    )
    operator_keys_dir: Path | None = Field(
        None,
        description="Keys of the identity operator (root certificate, OP and RC keys); empty: keys in data_dir, "
        "made at first start.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="redis://host:port/0 when several processes serve; empty: in-memory broker, one process.",
    )

    host: str = Field("127.0.0.1", description="Address the HTTP server listens on.")
    port: Port = Field(8080, description="Port the HTTP server listens on; 0 takes a free one.")
    public_url: str = Field(
        "",
        description="Address people type, with scheme; empty: http://host:port. WebSocket origins must match it.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks, comma-separated, whose X-Forwarded-* headers are believed: the proxies' in "
        "front of the server.",
    )
    shutdown_grace_s: float = Field(10.0, ge=0, description="Time open requests have to end when the server stops.")

    desktop_releases: Path | None = Field(
        None,
        description="List of the desktop client’s versions, as its publisher signed it (docs/desktop-it.md); served to "
        "every installed client. Empty: none.",
    )
    directory_folder: Path | None = Field(
        None,
        description="Folder where the national extractions arrive (.txt or .zip); looked at every day, new files are "
        "imported. Empty: imports are made by hand.",
    )
    directory_hour: int = Field(4, ge=0, le=23, description="Hour (UTC) of the daily look into directory_folder.")

    address_domain: str = Field(
        "",
        description="Domain under which people are given addresses, prenom.nom@medical59.<it>; empty: mail_domain.",
    )
    oid_root: str = Field(
        "",
        pattern=r"^([0-2](\.(0|[1-9][0-9]*))+)?$",
        description="The operator's OID, under which documents (CDA) are known; empty: one that follows from the "
        "public address, and changes with it.",
    )
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

    session_idle: timedelta = Field(timedelta(minutes=30), description="A page session ends after this long unused.")
    session_absolute: timedelta = Field(HOUSE.period("sign_in.sessions"), description="A page session lasts no longer.")
    session_shared_idle: timedelta = Field(
        timedelta(minutes=5), description="On a shared workstation, a page session unused for this long is locked."
    )
    step_up_validity: timedelta = Field(
        timedelta(minutes=10), description="A proof of identity is good for sensitive acts for this long."
    )
    second_factor: SecondFactorPolicy | None = Field(
        None,
        description="required: nobody uses the pages without a second factor; offered: who has one is asked for it. "
        "Empty: required over https, offered else.",
    )
    psc_issuer: str = Field(
        "",
        description="Issuer of Pro Santé Connect, such as https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet; "
        "empty: not offered.",
    )
    psc_client_id: str = Field("", description="Name of this platform at Pro Santé Connect.")
    psc_client_secret_file: Path | None = Field(
        None, description="File with this platform's secret at Pro Santé Connect, mode 0600."
    )
    activation_validity: timedelta = Field(HOUSE.period("accounts.activation"), description="Life of activation codes.")
    activation_tries: int = Field(5, ge=1, description="Wrong tries before an activation code is locked.")

    registration_four_eyes: bool = Field(False, description="A second technician confirms every approval of a sign-up.")
    registrations_per_hour: int = Field(20, ge=1, description="Sign-ups from one address.")
    registration_retention: timedelta = Field(
        HOUSE.period("accounts.registrations"),
        description="Documents of a sign-up are destroyed this long after the decision; what was refused or withdrawn, "
        "wholly.",
    )
    agreements_for: Whom = Field(
        Whom.SIGNED_UP,
        description="signed_up: a new version of charter or conditions is shown to who accepted an earlier one; "
        "everybody: to all who sign in.",
    )

    recovery_ticket_validity: timedelta = Field(
        timedelta(minutes=15), description="Life of a ticket that people give themselves to use their recovery key."
    )

    http_requests_per_min: int = Field(600, ge=1, description="Requests to the chat's HTTP, by device or address.")
    http_commits_per_min: int = Field(10, ge=1, description="Changes of members or keys, by device.")
    http_blobs_per_min: int = Field(60, ge=1, description="Uploads of attachments, by device.")
    http_identity_per_min: int = Field(10, ge=1, description="Recoveries and pairings, by address.")
    http_sign_ins_per_min: int = Field(60, ge=1, description="Sign-ins and activations on the pages, by address.")
    searches_per_hour: int = Field(
        120, ge=1, description="Pages of answers and entries of the directory that an account may see."
    )
    searches_per_day: int = Field(600, ge=2, description="The same, in any 24 hours.")
    token_searches_per_hour: int = Field(
        600, ge=1, description="Pages of answers and entries that an establishment's program may ask for, by token."
    )
    token_entries_per_day: int = Field(
        12_000, ge=2, description="Entries of the directory that a token is shown in any 24 hours, on pages or opened."
    )
    scim_requests_per_min: int = Field(
        1500, ge=1, description="Requests of an establishment's provisioning program, by token; by address without one."
    )
    sockets_per_address: int = Field(
        2000, ge=1, description="Sockets open from one address, often a whole site's, on all processes."
    )
    sockets_unknown_per_address: int = Field(
        500, ge=1, description="Of those, the ones that have not authenticated yet."
    )
    sockets_per_account: int = Field(24, ge=1, description="Sockets open for one account, on all processes.")
    sockets_per_process: int = Field(
        20_000, ge=1, description="Sockets open in this process; twice as many open files must be allowed."
    )
    socket_openings_per_min: int = Field(60, ge=1, description="Sockets a device may open.")
    retention_days: int = Field(
        HOUSE.days("chat.messages"),
        ge=1,
        le=36_500,
        description="Days the chat keeps a message whose conversation sets no time of its own.",
    )
    mail_retention_days: int = Field(
        HOUSE.days("mail.content"),
        ge=30,
        le=3650,
        description="Days after which what a mail said is destroyed; its trace stays.",
    )
    audit_retention_months: int = Field(
        HOUSE.months("audit"),
        ge=7,
        le=36,
        description="No entry of the access log is kept longer; whole months are deleted, up to one month earlier.",
    )
    send_burst: int = Field(60, ge=1, description="Messages a device may send at once.")
    send_per_s: float = Field(1.0, gt=0, description="Messages a second it regains.")
    metrics_allowed: str = Field("127.0.0.0/8,::1/128", description="Networks that may read /metrics.")

    gather_ms: float = Field(
        2.0, ge=0, description="When many messages come, wait this long for more before a commit; 0: never wait."
    )

    log_format: LogFormat = Field(LogFormat.CONSOLE, description="console for people, json for machines.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        level = value.upper()
        if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("MISS_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR")
        return level

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        # With "*", or a name that is taken for no address, anybody would choose the address they are counted under.
        try:
            for network in value.split(","):
                ip_network(network.strip())
        except ValueError:
            raise ValueError("MISS_TRUSTED_PROXIES is addresses or networks, such as 127.0.0.1,10.0.0.0/24") from None
        return value

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/")):
            raise ValueError("MISS_PUBLIC_URL is a scheme and a host, such as https://miss.example")
        return value

    @model_validator(mode="after")
    def _keys_apart_from_data(self) -> "Settings":
        if self.database_url and not self.keystore_url:
            raise ValueError(
                "MISS_KEYSTORE_URL is missing: with MISS_DATABASE_URL set, the key store needs a database of its own"
            )
        if self.keystore_url and self.database_url == self.keystore_url:
            raise ValueError(
                "MISS_KEYSTORE_URL must not be the database of MISS_DATABASE_URL: keys lie apart from data"
            )
        return self

    @model_validator(mode="after")
    def _psc_is_whole(self) -> "Settings":
        given = [bool(self.psc_issuer), bool(self.psc_client_id), self.psc_client_secret_file is not None]
        if any(given) and not all(given):
            raise ValueError("MISS_PSC_ISSUER, MISS_PSC_CLIENT_ID and MISS_PSC_CLIENT_SECRET_FILE go together")
        if self.psc_issuer and not is_safe_address(self.psc_issuer):
            raise ValueError("MISS_PSC_ISSUER is an https address")
        return self

    @property
    def database(self) -> str:
        """The database's URL, password included."""
        return self.database_url.get_secret_value() if self.database_url else f"sqlite:///{self.data_dir}/miss.db"

    @property
    def register(self) -> str:
        """The URL of the national register: the database itself, or on SQLite a file apart (ADR 30)."""
        return self.database if self.database_url else f"sqlite:///{self.data_dir}/register.db"

    @property
    def keystore(self) -> str:
        """The key store's URL, password included."""
        return self.keystore_url.get_secret_value() if self.keystore_url else f"sqlite:///{self.data_dir}/keys/keys.db"

    @property
    def master_key(self) -> Path:
        """Where the master key lies."""
        return self.master_key_file or self.data_dir / "keys" / "master.key"

    @property
    def renews_master_key(self) -> bool:
        """A key file that a deployment names is its own to hand out and to renew."""
        return self.master_key_file is None and self.master_key_days > 0

    @property
    def operator_keys(self) -> Path:
        """Where the identity operator's keys lie."""
        return self.operator_keys_dir or self.data_dir / "keys" / "operator"

    @property
    def public_origin(self) -> str:
        """Scheme, host and port as a browser's Origin header writes them."""
        if not self.public_url:
            return f"http://{self.host}:{self.port}"
        return self.public_url.rstrip("/")

    @property
    def https(self) -> bool:
        """True when people reach the server over https."""
        return self.public_origin.startswith("https://")

    @property
    def is_second_factor_required(self) -> bool:
        """True if nobody uses the pages without a second factor."""
        return (self.second_factor is SecondFactorPolicy.REQUIRED) if self.second_factor else self.https


def read_secret(file: Path | None) -> str:
    """What a secret's file holds, without the line's end.  Raises SecretUnreadable."""
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SecretUnreadable(file=str(file)) from None
