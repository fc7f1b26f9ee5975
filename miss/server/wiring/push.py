"""Web Push, built for the composition root; None where the deployment names no push service."""

from miss.chat.push.service import PushServices
from miss.chat.push.wire.gateway import Gateway
from miss.chat.push.wire.keys import load_or_create_push_keys
from miss.outbound import Guard
from miss.server.house import House
from miss.server.settings import Settings


def build_push(house: House) -> PushServices | None:
    """The keys are made at the first start with a push service.  Raises OperatorKeysUnusable."""
    settings = house.settings
    if not settings.push_services:
        return None
    guard = Guard(settings.push_private)
    return PushServices(
        hosts=settings.push_services,
        keys=load_or_create_push_keys(settings.operator_keys, house.random_bytes),
        guard=guard,
        gateway=Gateway(house.clock, house.random_bytes, guard, push_contact(settings)),
    )


def push_contact(settings: Settings) -> str:
    """Whom a push service turns to, as it asks for it: an address that is not a person's."""
    return settings.public_origin if settings.https else f"mailto:assistance@{settings.mail_domain}"
