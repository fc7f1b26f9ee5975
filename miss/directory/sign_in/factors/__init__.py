"""Second factors: one-time codes from an application, and the sheet of recovery codes."""

from miss.directory.sign_in.factors.errors import (
    FactorExists,
    FactorMissing,
    NoSecondFactor,
    WrongSecondFactor,
)
from miss.directory.sign_in.factors.model import Factors, TotpOffer
from miss.directory.sign_in.factors.service import SecondFactors

__all__ = [
    "FactorExists",
    "FactorMissing",
    "Factors",
    "NoSecondFactor",
    "SecondFactors",
    "TotpOffer",
    "WrongSecondFactor",
]
