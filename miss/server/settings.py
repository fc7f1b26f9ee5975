"""Every setting of the server, with its default: a laptop needs none, a deployment sets a handful.

Read from the environment (`MISS_…`) and from the file named by `MISS_ENV_FILE`.  `miss check --settings` prints the
effective values, secrets left out.  Rooms never read settings: `miss.server.app` hands them plain values.
"""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Port = Annotated[int, Field(ge=0, le=65_535)]


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


class Settings(BaseSettings):
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
    trusted_proxies: str = Field("127.0.0.1", description="Addresses whose X-Forwarded-* headers are believed.")
    shutdown_grace_s: float = Field(10.0, ge=0, description="Time open requests have to end when the server stops.")

    mail_domain: str = Field("miss.example", description="Domain of the platform's own addresses.")
    mail_host: str = Field("127.0.0.1", description="Address the SMTP listener binds.")
    mail_port: Port = Field(8025, description="Port of the SMTP listener; 0 takes a free one.")
    mail_max_bytes: int = Field(10_000_000, ge=100_000, description="Largest mail accepted from outside.")
    relay_host: str = Field("", description="SMTP relay for outgoing mail; empty: .eml files in data_dir/spool.")
    relay_port: Port = Field(25, description="Port of the relay.")
    relay_tls: bool = Field(True, description="Require STARTTLS toward the relay.")
    relay_user: str = Field("", description="User name at the relay, if it wants one.")
    relay_password: SecretStr | None = Field(None, description="Password at the relay.")

    session_idle: timedelta = Field(timedelta(minutes=30), description="A page session ends after this long unused.")
    session_absolute: timedelta = Field(timedelta(hours=12), description="A page session ends after this long anyway.")
    activation_validity: timedelta = Field(timedelta(days=30), description="Life of an activation code.")
    activation_tries: int = Field(5, ge=1, description="Wrong tries before an activation code is locked.")

    recovery_ticket_validity: timedelta = Field(
        timedelta(minutes=15), description="Life of a ticket that people give themselves to use their recovery key."
    )

    http_requests_per_min: int = Field(600, ge=1, description="Requests to the chat's HTTP, by device or address.")
    http_commits_per_min: int = Field(10, ge=1, description="Changes of members or keys, by device.")
    http_blobs_per_min: int = Field(60, ge=1, description="Uploads of attachments, by device.")
    http_identity_per_min: int = Field(10, ge=1, description="Recoveries and pairings, by address.")
    retention_days: int = Field(
        730,
        ge=1,
        le=36_500,
        description="Days the chat keeps a message whose conversation sets no time of its own.",
    )
    send_burst: int = Field(60, ge=1, description="Messages a device may send at once.")
    send_per_s: float = Field(1.0, gt=0, description="Messages a second it regains.")
    metrics_allowed: str = Field("127.0.0.0/8,::1/128", description="Networks that may read /metrics.")

    gather_ms: float = Field(0.0, ge=0, description="Wait this long for more messages before a commit; 0: never wait.")

    log_format: LogFormat = Field(LogFormat.CONSOLE, description="console for people, json for machines.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        level = value.upper()
        if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("MISS_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR")
        return level

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

    @property
    def database(self) -> str:
        """The database's URL, password included."""
        return self.database_url.get_secret_value() if self.database_url else f"sqlite:///{self.data_dir}/miss.db"

    @property
    def keystore(self) -> str:
        """The key store's URL, password included."""
        return self.keystore_url.get_secret_value() if self.keystore_url else f"sqlite:///{self.data_dir}/keys/keys.db"

    @property
    def master_key(self) -> Path:
        """Where the master key lies."""
        return self.master_key_file or self.data_dir / "keys" / "master.key"

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
