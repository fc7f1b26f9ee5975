"""Gaps of a template that nobody filled in: an answer does not leave with « [dose] » in it.  Pure."""

from miss.base.text import Text
from teleexpertise.answers.templates.model import gaps_in
from teleexpertise.questionnaire.model import Answers, Problem

CONDUCT = "r.conduite"

_OPEN = Text(
    fr="Conduite à tenir : il reste à remplir {gaps}. Écrivez la valeur, ou retirez les crochets.",
    en="What to do: {gaps} is still to be filled in. Write the value, or take the brackets away.",
)


def gap_problems(answers: Answers) -> tuple[Problem, ...]:
    """The gaps that are still open, as one problem with « Conduite à tenir »; it names gaps, which are a template's."""
    found = [gap for value in answers.get(CONDUCT, ()) if isinstance(value, str) for gap in gaps_in(value)]
    if not found:
        return ()
    named = ", ".join(found).replace("{", "{{").replace("}", "}}")
    text = Text(_OPEN.fr.replace("{gaps}", named), _OPEN.en.replace("{gaps}", named))
    return (Problem(CONDUCT, "gap_open", text),)
