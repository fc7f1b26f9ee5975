"""The directory's HTTP API: JSON for other programs, described by an OpenAPI document made from the code (ADR 36)."""
