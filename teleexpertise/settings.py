"""Settings of the tele-expertise service (`TELEEXPERTISE_…`); the house's own are `miss.server.settings`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TeleexpertiseSettings(BaseSettings):
    """What a deployment may choose."""

    model_config = SettingsConfigDict(env_prefix="TELEEXPERTISE_", extra="forbid")

    mailbox: str = Field(
        "teleexpertise", description="Local part of the one address that takes requests, at MISS_MAIL_DOMAIN."
    )
    display_name: str = Field("Téléexpertise MiSS", description="Name shown beside that address in mails.")
    forms_dir: Path | None = Field(
        None, description="Folder of the guided forms, <id>/<version>.json; empty: those that come with MiSS."
    )
