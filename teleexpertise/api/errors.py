"""What the API may refuse before any room is asked."""

from miss.base.errors import BadInput, Conflict, Forbidden, TooLarge, TooMany
from miss.base.text import Text


class ApiTooOften(TooMany):
    """Somebody's programs ask more often than lists change."""

    code = "api_too_often"
    text = Text(
        fr="Trop de demandes en peu de temps. Réessayez dans {retry_after_s} s.",
        en="Too many requests in a short time. Try again in {retry_after_s} s.",
    )


class AccountHasNoDoor(Forbidden):
    """The device's account is not active."""

    code = "account_has_no_door"
    text = Text(
        fr="Le compte de cet appareil est fermé. Adressez-vous à l’opérateur.",
        en="The account of this device is closed. Ask the operator.",
    )


class BodyTooLong(TooLarge):
    """More than a request of this API ever needs."""

    code = "body_too_long"
    text = Text(
        fr="Ce qui est envoyé dépasse {limit_kb} ko. Envoyez les pièces jointes en plusieurs fois.",
        en="What was sent is longer than {limit_kb} kB. Send attachments in several goes.",
    )


class BodyUnreadable(BadInput):
    """The body is not the JSON object that was asked for."""

    code = "body_unreadable"
    text = Text(
        fr="Le corps de la requête n’est pas un objet JSON. Voyez openapi.json.",
        en="The body of the request is no JSON object. See openapi.json.",
    )


class AnswerForAnotherForm(BadInput):
    """The response names another questionnaire than the answer form of this request."""

    code = "answer_for_another_form"
    text = Text(
        fr="Cette réponse est d’un autre formulaire que {canonical}. Relisez l’avis en cours et recommencez.",
        en="This response is of another form than {canonical}. Read the answer under way and begin again.",
    )


class AnswerNotWhole(Conflict):
    """The answer that was kept cannot be sent yet."""

    code = "answer_not_whole"
    text = Text(
        fr="L’avis sur la demande {number} n’est pas complet. Relisez-le : ce qui manque y est indiqué.",
        en="The answer to request {number} is not complete. Read it: what is missing is said there.",
    )


class EventsNotAskedFor(BadInput):
    """A stream lasts minutes: who does not expect one must not wait for its end."""

    code = "events_not_asked_for"
    text = Text(
        fr="Cette adresse est un flux : demandez-le avec « Accept: text/event-stream ».",
        en="This address is a stream: ask for it with “Accept: text/event-stream”.",
    )


class FileNotBase64(BadInput):
    """What stands in the place of a file is no base64."""

    code = "file_not_base64"
    text = Text(
        fr="La pièce n° {rank} n’est pas en base64 : encodez le fichier entier (RFC 4648 §4).",
        en="Attachment no. {rank} is no base64: encode the whole file (RFC 4648 §4).",
    )


class DraftNotWhole(Conflict):
    """The draft that was kept cannot be sent yet."""

    code = "draft_not_whole"
    text = Text(
        fr="La demande {number} n’est pas complète. Relisez le brouillon : ce qui manque y est indiqué.",
        en="Request {number} is not complete. Read the draft: what is missing is said there.",
    )


class ResponseForAnotherForm(BadInput):
    """The response names another questionnaire than the one that is to be answered."""

    code = "response_for_another_form"
    text = Text(
        fr="Ces réponses sont d’un autre formulaire que {canonical}. Relisez-le et recommencez.",
        en="These answers are of another form than {canonical}. Read it and begin again.",
    )


class NothingAsked(Conflict):
    """The expert waits for no answer: free words and files are taken all the same."""

    code = "nothing_asked"
    text = Text(
        fr="Aucune précision n’est attendue sur la demande {number}. Écrivez un complément, sans réponses.",
        en="No clarification is awaited on request {number}. Write a word, without answers.",
    )


class ClarificationUnfit(BadInput):
    """Answers that are none to what the expert asks; `faults` names them."""

    code = "clarification_unfit"
    text = Text(
        fr="Ces réponses ne sont pas de celles que l’expert demande sur {number} : voyez « faults ».",
        en="These answers are none that the expert asks for on {number}: see “faults”.",
    )
