"""The settings of what is kept and where: databases, keys, broker, and how long."""

from pathlib import Path

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from miss.base.retention import HOUSE


class StoreSettings(BaseSettings):
    """The part of `Settings` about stores."""

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
    gather_ms: float = Field(
        2.0, ge=0, description="When many messages come, wait this long for more before a commit; 0: never wait."
    )

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

    @model_validator(mode="after")
    def _keys_apart_from_data(self) -> "StoreSettings":
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
