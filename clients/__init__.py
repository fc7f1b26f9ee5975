"""Clients of MiSS for people: `web/` (TypeScript) and `desktop` (Python).  They know the protocol, not the server."""
