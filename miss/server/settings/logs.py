"""The settings of log lines."""

from enum import StrEnum

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


class LogSettings(BaseSettings):
    """The part of `Settings` about logs."""

    log_format: LogFormat = Field(LogFormat.CONSOLE, description="console for people, json for machines.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        level = value.upper()
        if level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("MISS_LOG_LEVEL is DEBUG, INFO, WARNING or ERROR")
        return level
