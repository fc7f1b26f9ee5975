"""What this room refuses."""

from miss.base.errors import BadInput
from miss.base.text import Text


class AddressNotOutside(BadInput):
    """Not an https address of the public Internet, nor of a network that the deployment names."""

    code = "address_not_outside"
    text = Text(
        fr="Cette adresse ne peut pas être suivie. Il faut une adresse https:// publique, sans nom d’utilisateur.",
        en="This address cannot be followed. It must be a public https:// address without a user name.",
    )
