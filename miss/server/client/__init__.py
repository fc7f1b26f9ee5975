"""The web client as the server hands it out: its files under /app/, their policy, their published hashes (ADR 49)."""

from miss.server.client.files import ClientFiles, load_client
from miss.server.client.routes import CLIENT_ENTRY, ClientPages

__all__ = ["CLIENT_ENTRY", "ClientFiles", "ClientPages", "load_client"]
