"""What all programs of one establishment may ask for together, so that none of them starves another establishment's;
and what its people may keep and ask, where the operator set a limit."""

from miss.directory.establishments.quotas.allowances import Allowances
from miss.directory.establishments.quotas.errors import (
    EstablishmentAdviceSpent,
    EstablishmentQuotaReached,
    EstablishmentStorageFull,
    LimitRefused,
    QuotaRefused,
)
from miss.directory.establishments.quotas.model import Quota, QuotaChoice, Used, parse_choice
from miss.directory.establishments.quotas.service import Quotas

__all__ = [
    "Allowances",
    "EstablishmentAdviceSpent",
    "EstablishmentQuotaReached",
    "EstablishmentStorageFull",
    "LimitRefused",
    "Quota",
    "QuotaChoice",
    "QuotaRefused",
    "Quotas",
    "Used",
    "parse_choice",
]
