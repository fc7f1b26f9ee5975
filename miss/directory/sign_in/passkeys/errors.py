"""What passkeys refuse."""

from miss.base.errors import BadInput, Conflict, NotAuthenticated, NotFound
from miss.base.text import Text


class PasskeyRefused(NotAuthenticated):
    """Unknown here, or its signature does not hold; which of the two is not said."""

    code = "passkey_refused"
    text = Text(
        fr="Cette clé d’accès n’a pas été reconnue. Essayez-en une autre, ou connectez-vous par mot de passe.",
        en="This passkey was not recognised. Try another, or sign in with your password.",
    )


class PasskeyUnusable(BadInput):
    """What the browser sent is no new passkey that verifies its user."""

    code = "passkey_unusable"
    text = Text(
        fr="Cette clé d’accès ne peut pas être ajoutée : elle doit vérifier qui vous êtes (code, empreinte, visage).",
        en="This passkey cannot be added: it has to verify who you are (PIN, fingerprint or face).",
    )


class PasskeyExists(Conflict):
    """Linked already."""

    code = "passkey_exists"
    text = Text(
        fr="Cette clé d’accès est déjà reliée à un compte.",
        en="This passkey is linked to an account already.",
    )


class PasskeyNotFound(NotFound):
    """Nothing to remove."""

    code = "passkey_not_found"
    text = Text(
        fr="Cette clé d’accès n’est plus reliée à votre compte. Rechargez la page.",
        en="This passkey is no longer linked to your account. Reload the page.",
    )


class TooManyPasskeys(Conflict):
    """`maximum` are enough for anybody."""

    code = "too_many_passkeys"
    text = Text(
        fr="Votre compte a déjà {maximum} clés d’accès. Retirez celles qui ne servent plus.",
        en="Your account has {maximum} passkeys already. Remove those you no longer use.",
    )
