"""The settings of the directory: the national extractions, addresses, sign-ups."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from miss.base.retention import HOUSE
from miss.directory.agreements.model import Whom


class DirectorySettings(BaseSettings):
    """The part of `Settings` about the directory."""

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
