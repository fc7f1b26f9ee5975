"""What sign-in refuses.  An unknown name, a missing password and a wrong one get the same answer."""

from miss.base.errors import BadInput, NotAuthenticated, TooMany
from miss.base.text import Text


class BadCredentials(NotAuthenticated):
    """Name and password do not go together, or there is no such account."""

    code = "bad_credentials"
    text = Text(
        fr="Identifiant ou mot de passe inexact. Vérifiez votre numéro RPPS ou votre adresse de messagerie sécurisée, "
        "puis ressaisissez le mot de passe.",
        en="Wrong name or password. Check your RPPS number or your secure-mail address, then enter the password again.",
    )


class SignInThrottled(TooMany):
    """Too many wrong tries under this name; the next one is possible in `retry_after_s` seconds."""

    code = "sign_in_throttled"
    text = Text(
        fr="Trop d’essais pour cet identifiant. Réessayez dans {retry_after_s} secondes ; si vous avez oublié votre "
        "mot de passe, demandez un code d’activation à l’assistance.",
        en="Too many tries under this name. Try again in {retry_after_s} seconds; if you have forgotten your password, "
        "ask support for an activation code.",
    )


class PasswordTooShort(BadInput):
    """Fewer than `minimum` characters."""

    code = "password_too_short"
    text = Text(
        fr="Ce mot de passe est trop court : {minimum} caractères au moins. Quatre ou cinq mots sans lien conviennent.",
        en="This password is too short: at least {minimum} characters. Four or five unrelated words will do.",
    )


class PasswordTooLong(BadInput):
    """More than `maximum` characters."""

    code = "password_too_long"
    text = Text(
        fr="Ce mot de passe est trop long : {maximum} caractères au plus. Raccourcissez-le.",
        en="This password is too long: at most {maximum} characters. Shorten it.",
    )
