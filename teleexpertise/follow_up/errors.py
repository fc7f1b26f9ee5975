"""What can be refused about what follows an answer."""

from miss.base.errors import BadInput, Conflict
from miss.base.text import Text


class SurveyTooEarly(Conflict):
    """There is no answer to say anything of."""

    code = "survey_too_early"
    text = Text(
        fr="La demande {number} n’a pas encore reçu d’avis : le questionnaire vous sera proposé ensuite.",
        en="Request {number} has no answer yet: the survey comes after it.",
    )


class SurveyAnswerUnknown(BadInput):
    """A question or an answer that the survey does not have."""

    code = "survey_answer_unknown"
    text = Text(
        fr="Cette réponse n’existe pas. Rechargez la page, puis choisissez l’un des boutons.",
        en="There is no such answer. Reload the page, then choose one of the buttons.",
    )
