"""Addresses in one shape, `prenom.nom@medical59.<domain>`: given once, kept for ever, never given to somebody else."""
