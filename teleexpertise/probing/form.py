"""The probe's form: a file like every specialty's, found by its canonical alone."""

from functools import cache
from importlib.resources import files
from typing import Final

from teleexpertise.questionnaire.model import Questionnaire
from teleexpertise.questionnaire.parse import parse_questionnaire

FORM_ID: Final = "sonde"


@cache
def load_form() -> Questionnaire:
    """Read it."""
    return parse_questionnaire(files("teleexpertise.probing").joinpath("form.json").read_bytes())
