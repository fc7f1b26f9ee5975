"""SCIM 2.0: an establishment's own provisioning program says who works there (RFC 7643, RFC 7644; ADR 35)."""

from miss.server.scim.door import SCIM_PATH, ScimDoor
from miss.server.scim.gate import ScimGate

__all__ = ["SCIM_PATH", "ScimDoor", "ScimGate"]
