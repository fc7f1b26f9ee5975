"""The settings of backups (docs/operations.md, « Backups »)."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

from miss.base.retention import HOUSE


class BackupSettings(BaseSettings):
    """The part of `Settings` about backups."""

    backup_repository: str = Field(
        "",
        description="restic repository of the data: a folder, sftp:user@host:/folder, s3:https://host/bucket… Empty: "
        "no backups.",
    )
    backup_password_file: Path | None = Field(
        None,
        description="File with the password of that repository; without it a backup is worth nothing: keep a copy.",
    )
    backup_keys_repository: str = Field(
        "", description="restic repository of the keys: elsewhere than the data's, for other people's eyes."
    )
    backup_keys_password_file: Path | None = Field(None, description="File with the password of the keys' repository.")
    backup_days: int = Field(35, ge=2, le=400, description="Days that copies of the data are kept.")
    backup_keys_days: int = Field(
        HOUSE.days("platform.key_backups"),
        ge=1,
        le=31,
        description="Days that copies of the keys are kept: what was destroyed can be read from backups for no longer.",
    )
    backup_wal_dir: Path | None = Field(
        None,
        description="On PostgreSQL: the folder that pg_receivewal fills. Empty: each backup is a whole base.",
    )
    backup_base_hours: int = Field(
        24, ge=1, le=168, description="On PostgreSQL with backup_wal_dir: hours after which a new base is taken."
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        given = (
            bool(self.backup_repository),
            self.backup_password_file is not None,
            bool(self.backup_keys_repository),
            self.backup_keys_password_file is not None,
        )
        if any(given) and not all(given):
            raise ValueError(
                "MISS_BACKUP_REPOSITORY, MISS_BACKUP_PASSWORD_FILE, MISS_BACKUP_KEYS_REPOSITORY and "
                "MISS_BACKUP_KEYS_PASSWORD_FILE go together"
            )
        if self.backup_repository and self.backup_repository == self.backup_keys_repository:
            raise ValueError("MISS_BACKUP_KEYS_REPOSITORY is the data's repository: keys are kept apart from data")
        return self
