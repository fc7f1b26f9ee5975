"""What the XMPP servers have in common."""

from bench.load.spec import Protocol as Wire
from bench.load.xmpp_target import user_name
from bench.rows import Mode
from bench.scale import Scale

DOMAIN = "localhost"
ROOMS_DOMAIN = f"conference.{DOMAIN}"
WIRE = Wire.XMPP
MODES = frozenset(Mode) - {Mode.LIST}
"""XMPP has no list of conversations with their state; what comes nearest (bookmarks) does not compare."""


def user_names(scale: Scale, modes: tuple[Mode, ...]) -> list[str]:
    """Every account these modes need."""
    most = max((scale.users_of(mode) for mode in modes), default=0)
    return [user_name(user) for user in range(max(most, scale.group))]
