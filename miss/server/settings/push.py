"""The settings of Web Push (docs/operations.md, « Closed browsers »)."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


class PushSettings(BaseSettings):
    """The part of `Settings` about waking closed browsers."""

    push_hosts: str = Field(
        "",
        description="Push services that closed browsers may be woken through, comma-separated; *.domain for all below "
        "a domain. Empty: closed browsers receive nothing.",
    )
    push_networks: str = Field(
        "",
        description="Private networks in which a push service of one's own may be reached, comma-separated; everything "
        "else that is not public is refused.",
    )

    @field_validator("push_hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        if wrong := [one for one in split(value.lower()) if not _HOST.fullmatch(one)]:
            raise ValueError(f"MISS_PUSH_HOSTS is host names, such as push.example or *.push.example, not {wrong[0]}")
        return value.lower()

    @field_validator("push_networks")
    @classmethod
    def _are_private(cls, value: str) -> str:
        try:
            for one in split(value):
                ip_network(one)
        except ValueError:
            raise ValueError("MISS_PUSH_NETWORKS is networks, such as 10.0.0.0/24") from None
        return value

    @property
    def push_services(self) -> frozenset[str]:
        """The hosts that may be asked; none: Web Push is off."""
        return frozenset(split(self.push_hosts))

    @property
    def push_private(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that are reached although they are private."""
        return tuple(ip_network(one) for one in split(self.push_networks))


def split(value: str) -> list[str]:
    """What stands between commas."""
    return [one for part in value.split(",") if (one := part.strip())]
