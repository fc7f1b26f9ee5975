"""What the front of the house may refuse."""

from miss.base.errors import BadInput, Forbidden, MissError, NotAuthenticated
from miss.base.text import Text


class SignInNeeded(NotAuthenticated):
    """A page for signed-in people."""

    code = "sign_in_needed"
    text = Text(fr="Connectez-vous pour voir cette page.", en="Sign in to see this page.")


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


class PortTaken(MissError):
    """Another program listens there."""

    code = "port_taken"
    text = Text(
        fr="Le port {port} ({what}) est déjà pris par un autre programme. Arrêtez-le, ou choisissez un autre port "
        "avec {setting}.",
        en="Port {port} ({what}) is taken by another program. Stop it, or choose another port with {setting}.",
    )
