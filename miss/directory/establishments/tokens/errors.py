"""What tokens of programs refuse."""

from miss.base.errors import BadInput, Conflict, NotFound
from miss.base.text import Text


class ApiTokenNotFound(NotFound):
    """No living token has that identifier, or it is another establishment's."""

    code = "api_token_not_found"
    text = Text(
        fr="Ce jeton n’existe pas, ou a déjà été révoqué. Rechargez la page.",
        en="This token does not exist, or was revoked already. Reload the page.",
    )


class ApiTokenRefused(BadInput):
    """A token without a name or without anything it may do."""

    code = "api_token_refused"
    text = Text(
        fr="Donnez un nom au jeton (le logiciel qui s’en servira) et choisissez au moins un usage.",
        en="Name the token (the program that will use it) and choose at least one use.",
    )


class TooManyApiTokens(Conflict):
    """An establishment has `limit` living tokens already."""

    code = "api_tokens_too_many"
    text = Text(
        fr="L’établissement a déjà {limit} jetons. Révoquez ceux qui ne servent plus, puis recommencez.",
        en="The establishment has {limit} tokens already. Revoke those no longer in use, then try again.",
    )
