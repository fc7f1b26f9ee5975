"""Secure mail: what arrives at the platform's address, what leaves it, and the rules of both."""
