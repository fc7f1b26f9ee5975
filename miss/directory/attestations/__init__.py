"""Attestations: who asks for one gets a number that anybody may check; the answer is valid or not, and no more."""

from miss.directory.attestations.model import Attestation, compose_number, normalise_number
from miss.directory.attestations.service import Attestations

__all__ = ["Attestation", "Attestations", "compose_number", "normalise_number"]
