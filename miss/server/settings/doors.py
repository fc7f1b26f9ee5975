"""The settings of the HTTP server: where it listens, what it is called, who may read its figures."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

Port = Annotated[int, Field(ge=0, le=65_535)]


class DoorSettings(BaseSettings):
    """The part of `Settings` about the doors."""

    host: str = Field("127.0.0.1", description="Address the HTTP server listens on.")
    port: Port = Field(8080, description="Port the HTTP server listens on; 0 takes a free one.")
    public_url: str = Field(
        "",
        description="Address people type, with scheme; empty: http://host:port. WebSocket origins must match it.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses or networks, comma-separated, whose X-Forwarded-* headers are believed: the proxies' in "
        "front of the server.",
    )
    shutdown_grace_s: float = Field(10.0, ge=0, description="Time open requests have to end when the server stops.")
    metrics_allowed: str = Field("127.0.0.0/8,::1/128", description="Networks that may read /metrics.")
    desktop_releases: Path | None = Field(
        None,
        description="List of the desktop client’s versions, as its publisher signed it (docs/desktop-it.md); served to "
        "every installed client. Empty: none.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        # With "*", or a name that is taken for no address, anybody would choose the address they are counted under.
        try:
            for network in value.split(","):
                ip_network(network.strip())
        except ValueError:
            raise ValueError("MISS_TRUSTED_PROXIES is addresses or networks, such as 127.0.0.1,10.0.0.0/24") from None
        return value

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/")):
            raise ValueError("MISS_PUBLIC_URL is a scheme and a host, such as https://miss.example")
        return value

    @property
    def public_origin(self) -> str:
        """Scheme, host and port as a browser's Origin header writes them."""
        if not self.public_url:
            return f"http://{self.host}:{self.port}"
        return self.public_url.rstrip("/")

    @property
    def https(self) -> bool:
        """True when people reach the server over https."""
        return self.public_origin.startswith("https://")
