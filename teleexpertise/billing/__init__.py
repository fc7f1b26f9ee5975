"""What may be billed of an answer (TE2) and of a request (RQD): counted per year and patient, never with their name."""

from teleexpertise.billing.model import BilledAct, Counter
from teleexpertise.billing.rates import Rates, load_rates
from teleexpertise.billing.service import Billing

__all__ = ["BilledAct", "Billing", "Counter", "Rates", "load_rates"]
