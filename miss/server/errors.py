"""What the front of the house may refuse."""

from miss.base.errors import BadInput, Forbidden, MissError, NotAuthenticated, TooLarge, TooMany
from miss.base.text import Text


class SignInNeeded(NotAuthenticated):
    """A page for signed-in people."""

    code = "sign_in_needed"
    text = Text(fr="Connectez-vous pour voir cette page.", en="Sign in to see this page.")


class SecondFactorNeeded(Forbidden):
    """The house asks for a second factor, and this person has none yet."""

    code = "second_factor_needed"
    text = Text(
        fr="Cette plateforme demande un second facteur. Ajoutez-en un depuis « Sécurité » pour continuer.",
        en="This platform asks for a second factor. Add one under “Security” to go on.",
    )


class StepUpNeeded(Forbidden):
    """A sensitive act: who is signed in proves again who they are."""

    code = "step_up_needed"
    text = Text(
        fr="Cette action est sensible : confirmez d’abord votre identité.",
        en="This is a sensitive act: confirm your identity first.",
    )


class NotYourRole(Forbidden):
    """A page for people with another role."""

    code = "not_your_role"
    text = Text(
        fr="Cette page est réservée à d’autres rôles que les vôtres. Si vous en avez besoin, demandez-le à "
        "l’administrateur de votre établissement ou à l’assistance.",
        en="This page is for other roles than yours. If you need it, ask the administrator of your establishment, or "
        "support.",
    )


class ForeignOrigin(Forbidden):
    """A form was sent from another site, or by a browser that does not say from where."""

    code = "foreign_origin"
    text = Text(
        fr="Cette demande ne vient pas de nos pages ; elle n'a pas été exécutée. Revenez à l'accueil et recommencez.",
        en="This request does not come from our pages and was not carried out. Go back to the home page and try again.",
    )


class PasswordsDiffer(BadInput):
    """The two copies of a new password are not the same."""

    code = "passwords_differ"
    text = Text(fr="Les deux mots de passe ne sont pas identiques.", en="The two passwords are not the same.")


class TooManyAttempts(TooMany):
    """Too many sign-ins and activations from one address; the next one is possible in `retry_after_s` seconds."""

    code = "too_many_attempts"
    text = Text(
        fr="Trop de connexions et d'activations ont été tentées depuis votre réseau. Réessayez dans {retry_after_s} "
        "secondes ; si cela dure, prévenez votre service informatique.",
        en="Too many sign-ins and activations were tried from your network. Try again in {retry_after_s} seconds; if "
        "this goes on, tell your IT department.",
    )


class ScriptSentTooMuch(TooLarge):
    """More than a page's script ever sends."""

    code = "script_sent_too_much"
    text = Text(
        fr="Cet envoi est trop volumineux : {maximum} octets au plus.",
        en="This is too large: at most {maximum} bytes.",
    )


class PortTaken(MissError):
    """Another program listens there."""

    code = "port_taken"
    text = Text(
        fr="Le port {port} ({what}) est déjà pris par un autre programme. Arrêtez-le, ou choisissez un autre port "
        "avec {setting}.",
        en="Port {port} ({what}) is taken by another program. Stop it, or choose another port with {setting}.",
    )


class SecretUnreadable(MissError):
    """A setting names a file that is not there, or not for this process to read."""

    code = "secret_unreadable"
    text = Text(
        fr="Le fichier {file} ne peut pas être lu. Vérifiez son nom et ses droits.",
        en="The file {file} cannot be read. Check its name and its mode.",
    )
