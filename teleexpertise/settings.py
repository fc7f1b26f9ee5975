"""Settings of the tele-expertise service (`TELEEXPERTISE_…`); the house's own are `miss.server.settings`."""

from functools import cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from ssl import SSLContext, create_default_context

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from teleexpertise.kept import KEPT


class TeleexpertiseSettings(BaseSettings):
    """What a deployment may choose."""

    model_config = SettingsConfigDict(env_prefix="TELEEXPERTISE_", extra="forbid")

    mailbox: str = Field(
        "teleexpertise", description="Local part of the one address that takes requests, at MISS_MAIL_DOMAIN."
    )
    display_name: str = Field("Téléexpertise MiSS", description="Name shown beside that address in mails.")
    calendar_networks: list[IPv4Network | IPv6Network] = Field(
        default=[],
        description="Private networks whose calendars experts may subscribe to (an establishment's calendar server); "
        "everything else that is not public is refused.",
    )
    calendar_authorities: Path | None = Field(
        None, description="PEM file of further authorities that calendar servers' certificates may come from."
    )
    retention_days: int = Field(
        KEPT.days("requests.content"),
        ge=90,
        le=7_305,
        description="Days after its end during which a request can be read here; then its key is destroyed. The "
        "patient's record holds it: the requester's and the expert's software received it.",
    )
    forms_dir: Path | None = Field(
        None, description="Folder of the guided forms, <id>/<version>.json; empty: those that come with MiSS."
    )
    billing_file: Path | None = Field(
        None,
        description="Codes, amounts and ceilings of TE2 and RQD by date (docs/operations.md); empty: those that come "
        "with MiSS, which say that they are to be verified.",
    )

    def calendar_trust(self) -> SSLContext:
        """Whose certificates calendar servers may show.  Raises OSError, ssl.SSLError for a file that is none."""
        return _trust(self.calendar_authorities)


@cache
def _trust(authorities: Path | None) -> SSLContext:
    """Read once by a process: the system's authorities are some 150 certificates."""
    trust = create_default_context()
    if authorities is not None:
        trust.load_verify_locations(authorities)
    return trust
