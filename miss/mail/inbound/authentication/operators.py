"""The operators whose client certificates count, and the domains that each answers for.  Pure."""

from collections.abc import Mapping
from typing import Final

from miss.base.errors import BadInput
from miss.base.text import Text
from miss.mail.addresses import parse_address
from miss.mail.errors import AddressMalformed

EXAMPLE: Final = "operateur.example=medecin.mssante.example labo.example; chu.example=chu.mssante.example"


class OperatorsMalformed(BadInput):
    """`what` is not `name=domain domain…`."""

    code = "mail_operators_malformed"
    text = Text(
        fr="MISS_MAIL_OPERATORS : « {what} » n’a pas la forme nom=domaine domaine. Exemple : {example}",
        en="MISS_MAIL_OPERATORS: “{what}” has not the form name=domain domain. Example: {example}",
    )


def parse_operators(text: str) -> Mapping[str, frozenset[str]]:
    """Domains by operator.  Raises OperatorsMalformed."""
    found: dict[str, frozenset[str]] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        name, equals, domains = (piece.strip() for piece in part.partition("="))
        try:
            parsed = frozenset(parse_address(f"x@{domain}").domain for domain in domains.split())
        except AddressMalformed:
            parsed = frozenset()
        if not name or not equals or not parsed or name in found:
            raise OperatorsMalformed(what=part, example=EXAMPLE)
        found[name] = parsed
    return found
