"""What is wrong with the table of rates."""

from miss.base.errors import MissError
from miss.base.text import Text


class RatesFaulty(MissError):
    """The operator's file cannot be used; the server does not start with wrong figures."""

    code = "billing_rates_faulty"
    text = Text(
        fr="Le fichier des cotations (TELEEXPERTISE_BILLING_FILE) est à corriger, {place} : {fault}.",
        en="The file of billing rates (TELEEXPERTISE_BILLING_FILE) is to be corrected, {place}: {fault}.",
    )
