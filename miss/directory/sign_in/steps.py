"""What a browser has begun on its way in, known by a token of its own.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from miss.base.ids import AccountId

STEP_VALIDITY = timedelta(minutes=10)


class StepKind(StrEnum):
    """What it is on the way to."""

    SECOND_FACTOR = "second_factor"
    TOTP_NEW = "totp_new"
    PASSKEY = "passkey"
    PASSKEY_NEW = "passkey_new"
    PRO_SANTE_CONNECT = "psc"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Step:
    """Begun, to be ended once, before `ends_at`."""

    kind: StepKind
    uid: AccountId | None
    data: Mapping[str, str]
    ends_at: datetime
