"""What the room of addresses refuses."""

from miss.base.errors import Conflict, Unavailable
from miss.base.text import Text


class AddressMissing(Conflict):
    """Somebody without an address has none that could be replaced."""

    code = "address_missing"
    text = Text(
        fr="Cette personne n’a pas encore d’adresse : elle en reçoit une quand son compte est vérifié.",
        en="This person has no address yet: one is given when their account is verified.",
    )


class AddressesContended(Unavailable):
    """Too many people of one name are given an address at this very moment."""

    code = "addresses_contended"
    text = Text(
        fr="Trop d’homonymes reçoivent une adresse en ce moment ; elle sera donnée un peu plus tard.",
        en="Too many people of that name are given an address at the moment; it will be given a little later.",
    )
