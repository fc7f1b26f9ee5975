"""The settings of signing in to the pages: sessions, second factor, Pro Santé Connect, codes."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import Field, model_validator

from miss.base.retention import HOUSE
from miss.directory.sign_in.psc.model import is_safe_address
from miss.server.settings.doors import DoorSettings


class SecondFactorPolicy(StrEnum):
    """What the pages ask for after a password."""

    REQUIRED = "required"
    OFFERED = "offered"


class SignInSettings(DoorSettings):
    """The part of `Settings` about signing in, which depends on the doors: over https more is asked."""

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
    recovery_ticket_validity: timedelta = Field(
        timedelta(minutes=15), description="Life of a ticket that people give themselves to use their recovery key."
    )

    @model_validator(mode="after")
    def _psc_is_whole(self) -> "SignInSettings":
        given = [bool(self.psc_issuer), bool(self.psc_client_id), self.psc_client_secret_file is not None]
        if any(given) and not all(given):
            raise ValueError("MISS_PSC_ISSUER, MISS_PSC_CLIENT_ID and MISS_PSC_CLIENT_SECRET_FILE go together")
        if self.psc_issuer and not is_safe_address(self.psc_issuer):
            raise ValueError("MISS_PSC_ISSUER is an https address")
        return self

    @property
    def is_second_factor_required(self) -> bool:
        """True if nobody uses the pages without a second factor."""
        return (self.second_factor is SecondFactorPolicy.REQUIRED) if self.second_factor else self.https
