"""What all programs of one establishment may ask for together, so that none of them starves another establishment's."""

from miss.directory.establishments.quotas.errors import EstablishmentQuotaReached, QuotaRefused
from miss.directory.establishments.quotas.model import Quota, QuotaChoice, parse_choice
from miss.directory.establishments.quotas.service import Quotas

__all__ = ["EstablishmentQuotaReached", "Quota", "QuotaChoice", "QuotaRefused", "Quotas", "parse_choice"]
