"""What sign-in refuses.  An unknown name, a missing password and a wrong one get the same answer."""

from miss.base.errors import BadInput, Conflict, Forbidden, NotAuthenticated, NotFound, TooMany
from miss.base.text import Language, Text


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
        "mot de passe, choisissez-en un nouveau par « Mot de passe oublié ».",
        en="Too many tries under this name. Try again in {retry_after_s} seconds; if you have forgotten your password, "
        "choose a new one under “Forgotten password”.",
    )


class AddressThrottled(TooMany):
    """Too many wrong tries from this network, under whatever names; patience as in SignInThrottled."""

    code = "address_throttled"
    text = Text(
        fr="Trop d’essais infructueux depuis votre réseau. Réessayez dans {retry_after_s} secondes, ou connectez-vous "
        "avec une clé d’accès.",
        en="Too many wrong tries from your network. Try again in {retry_after_s} seconds, or sign in with a passkey.",
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


class PasswordPersonal(BadInput):
    """It holds a name, the number or the address of its owner, which everybody may know."""

    code = "password_personal"
    text = Text(
        fr="Ce mot de passe contient votre nom, votre prénom, votre numéro RPPS ou votre adresse. "
        "Choisissez des mots qui n’ont rien à voir avec vous.",
        en="This password contains your name, your RPPS number or your address. Choose words unrelated to you.",
    )


class PasswordTooWeak(BadInput):
    """Estimated at `bits`, below `minimum`; `advice` is a Text."""

    code = "password_too_weak"
    text = Text(
        fr="Ce mot de passe se devine trop vite : solidité estimée à {bits} bits, il en faut {minimum}. {advice}",
        en="This password is too quickly guessed: an estimated {bits} bits, {minimum} are needed. {advice}",
    )

    def sentence(self, language: Language = Language.FR) -> str:
        """With the advice in the same language."""
        advice = self.params["advice"]
        said = advice.in_(language) if isinstance(advice, Text) else advice
        return self.text.in_(language, **{**self.params, "advice": said}).rstrip()


class StepExpired(BadInput):
    """What a browser had begun (a second factor, a passkey, a link) took too long, or ended already."""

    code = "sign_in_step_expired"
    text = Text(
        fr="Cette étape de connexion a expiré. Recommencez depuis la page de connexion.",
        en="This sign-in step has expired. Start again from the sign-in page.",
    )


class NoMandate(Forbidden):
    """To act for a practitioner or an establishment takes a mandate of theirs, alive now."""

    code = "no_mandate"
    text = Text(
        fr="Vous n’avez pas, ou plus, de mandat pour cela. Choisissez pour qui vous travaillez à la page « Je "
        "travaille pour… ».",
        en="You have no mandate for this, or no longer. Choose for whom you work on the page “I work for…”.",
    )


class SessionNotFound(NotFound):
    """Not among the person's sessions; perhaps it has ended."""

    code = "session_not_found"
    text = Text(
        fr="Cette session n’existe plus. Rechargez la page pour voir les sessions ouvertes.",
        en="This session is over. Reload the page to see which sessions are open.",
    )


class NothingToUnlock(Conflict):
    """The session is over, or was not locked."""

    code = "nothing_to_unlock"
    text = Text(
        fr="Cette session n’est plus verrouillée ou a pris fin. Connectez-vous.",
        en="This session is no longer locked or has ended. Sign in.",
    )
