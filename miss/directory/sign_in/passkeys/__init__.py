"""Passkeys: keys in phones, computers and tokens that sign in by themselves (WebAuthn level 3)."""
