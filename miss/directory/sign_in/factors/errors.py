"""What second factors refuse."""

from miss.base.errors import BadInput, Conflict, NotAuthenticated, NotFound
from miss.base.text import Text


class WrongSecondFactor(NotAuthenticated):
    """Not the code of now, or one that served already."""

    code = "wrong_second_factor"
    text = Text(
        fr="Ce code n’est pas le bon, ou il a déjà servi. Attendez le code suivant de votre application, ou employez "
        "un code de secours.",
        en="This code is wrong or was used already. Wait for the next code of your application, or use a recovery "
        "code.",
    )


class WrongFirstCode(BadInput):
    """The application to be added shows another code."""

    code = "wrong_first_code"
    text = Text(
        fr="Ce code n’est pas celui qui était attendu. Vérifiez que l’heure de votre téléphone est juste, puis "
        "saisissez le code affiché maintenant.",
        en="This is not the expected code. Check that your phone’s clock is right, then type the code shown now.",
    )


class FactorExists(Conflict):
    """There is an application already."""

    code = "second_factor_exists"
    text = Text(
        fr="Une application de codes est déjà reliée à votre compte. Retirez-la avant d’en relier une autre.",
        en="An authenticator application is linked to your account already. Remove it before linking another.",
    )


class FactorMissing(NotFound):
    """Nothing to remove."""

    code = "second_factor_missing"
    text = Text(
        fr="Ce second facteur n’est plus relié à votre compte. Rechargez la page.",
        en="This second factor is no longer linked to your account. Reload the page.",
    )


class NoSecondFactor(Conflict):
    """Recovery codes stand in for a second factor: without one there is nothing to stand in for."""

    code = "no_second_factor"
    text = Text(
        fr="Reliez d’abord une application de codes ou une clé d’accès.",
        en="Link an authenticator application or a passkey first.",
    )
