"""Coded diagnoses (CIM-10): found by words or code, loaded from the official file, read back from a text."""

from teleexpertise.diagnoses.model import SYSTEM, Diagnosis
from teleexpertise.diagnoses.service import Diagnoses
from teleexpertise.diagnoses.sources import SHORT_LIST_SOURCE

__all__ = ["SHORT_LIST_SOURCE", "SYSTEM", "Diagnoses", "Diagnosis"]
