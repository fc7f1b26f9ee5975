"""The dispatch under load: assignments a second, and what becomes of the rotation without the pool's lock."""
