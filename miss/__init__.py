"""MiSS: secure messaging for health professionals.  See docs/ARCHITECTURE.md for the rooms of this house."""
