"""What is refused to who writes a staff person down: technicians read these."""

from miss.base.errors import Conflict
from miss.base.text import Text


class StaffAddressTaken(Conflict):
    """Another staff person has that address: each signs in with their own."""

    code = "staff_address_taken"
    text = Text(
        fr="Cette adresse est celle d’une autre personne qui a déjà un compte. Demandez une adresse personnelle, ou "
        "réunissez la demande à ce compte si c’est la même personne.",
        en="This address is that of another person who has an account. Ask for a personal address, or join the request "
        "to that account if it is the same person.",
    )


class StaffNumbersSpent(Conflict):
    """An employer has given `limit` internal numbers."""

    code = "staff_numbers_spent"
    text = Text(
        fr="Cet employeur a déjà {limit} comptes de personnel, le maximum. Contactez l’éditeur de la plateforme.",
        en="This employer has {limit} staff accounts already, the most there may be. Contact the platform’s publisher.",
    )
