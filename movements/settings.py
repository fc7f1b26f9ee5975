"""Settings of the patient movements (`MOVEMENTS_…`); the house's own are `miss.server.settings`."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from movements.kept import KEPT


class MovementsSettings(BaseSettings):
    """What a deployment may choose."""

    model_config = SettingsConfigDict(env_prefix="MOVEMENTS_", extra="forbid")

    mailbox: str = Field("mouvements", description="Local part of the address that announces, at MISS_MAIL_DOMAIN.")
    display_name: str = Field("Mouvements de patients", description="Shown beside that address, after the hospital.")
    folders: dict[str, Path] = Field(
        default={},
        description="Folders that hospitals drop files into, by the identifier of the establishment: "
        '{"F990000007": "/srv/movements/ch-fictif"}.',
    )
    time_zone: str = Field(
        "Europe/Paris", description="Clocks of hospitals whose messages give no offset (Indian/Reunion…)."
    )
    retention_days: int = Field(
        KEPT.days("content"),
        ge=1,
        le=365,
        description="Days a movement can be read here after it came; then its key is destroyed.",
    )

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("not a time zone of the IANA database") from None
