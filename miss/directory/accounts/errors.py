"""What accounts refuse.  None of these tells a stranger whether somebody has an account."""

from miss.base.errors import BadInput, Conflict, Forbidden, Locked, NotFound
from miss.base.text import Text


class AccountNotFound(NotFound):
    """No account has that identifier."""

    code = "account_not_found"
    text = Text(
        fr="Ce compte n’existe pas. Vérifiez l’identifiant.",
        en="This account does not exist. Check the identifier.",
    )


class AccountExists(Conflict):
    """A practitioner has one account."""

    code = "account_exists"
    text = Text(
        fr="Ce professionnel a déjà un compte. Utilisez celui-ci, ou émettez un nouveau code d’activation.",
        en="This practitioner has an account already. Use it, or issue a new activation code.",
    )


class RppsRequired(BadInput):
    """The register gives this person no RPPS number (ADELI only): codes are asked for by RPPS."""

    code = "rpps_required"
    text = Text(
        fr="Ce professionnel n’a pas de numéro RPPS dans l’annuaire : son compte ne peut pas être ouvert. "
        "Réimportez le registre lorsqu’il en aura un.",
        en="This practitioner has no RPPS number in the directory: no account can be opened. "
        "Import the register again once there is one.",
    )


class WrongVerificationState(Conflict):
    """The account's state (`state`) does not allow this act (`act`)."""

    code = "wrong_verification_state"
    text = Text(
        fr="Action impossible : le compte est dans l’état « {state} », qui n’admet pas « {act} ». "
        "Rechargez la page pour voir son état actuel.",
        en="Not possible: the account is “{state}”, which does not allow “{act}”. Reload the page to see its state.",
    )


class AccountNotActive(Forbidden):
    """The account is pending, suspended or revoked.  Told only to somebody who has proved to be its holder."""

    code = "account_not_active"
    text = Text(
        fr="Ce compte n’est pas actif. Contactez l’assistance pour en connaître la raison.",
        en="This account is not active. Contact support to learn why.",
    )


class BrowserCodesOnly(Conflict):
    """A staff person acts on the pages alone: no device of the chat is theirs (ADR 41)."""

    code = "browser_codes_only"
    text = Text(
        fr="Ce compte est celui d’une personne sans numéro RPPS : il n’ouvre que le site, pas la messagerie des "
        "professionnels. Émettez un code pour le site.",
        en="This account is that of somebody without an RPPS number: it opens the pages only, not the professionals’ "
        "chat. Issue a code for the pages.",
    )


class TicketNotTheirs(Forbidden):
    """A recovery ticket is asked for by the person it is for, on their own pages; no operator issues one."""

    code = "ticket_not_theirs"
    text = Text(
        fr="Un ticket de récupération ne se délivre qu’à soi-même, depuis la page « Mes appareils » de son compte.",
        en="A recovery ticket is only issued to oneself, from the “My devices” page of one’s account.",
    )


class WrongActivationCode(BadInput):
    """The code is not that of this RPPS number, or nobody with it awaits one: the answer is the same."""

    code = "wrong_activation_code"
    text = Text(
        fr="Le numéro RPPS ou le code d’activation est inexact. Relisez le courrier qui porte le code ; "
        "essais restants : {tries_left}.",
        en="The RPPS number or the activation code is wrong. Read the letter with the code again; "
        "tries left: {tries_left}.",
    )


class ActivationLocked(Locked):
    """Too many wrong codes: a new one must be issued."""

    code = "activation_locked"
    text = Text(
        fr="Trop de codes inexacts : l’activation est bloquée. Demandez un nouveau code à l’assistance.",
        en="Too many wrong codes: activation is locked. Ask support for a new code.",
    )


class ActivationExpired(BadInput):
    """The code is right but too old."""

    code = "activation_expired"
    text = Text(
        fr="Ce code d’activation a expiré. Demandez-en un nouveau à l’assistance.",
        en="This activation code has expired. Ask support for a new one.",
    )


class ActivationSpent(Conflict):
    """The code is right but was used already."""

    code = "activation_spent"
    text = Text(
        fr="Ce code d’activation a déjà servi. Si ce n’était pas vous, prévenez l’assistance aussitôt ; "
        "sinon demandez-en un nouveau.",
        en="This activation code was used already. If that was not you, tell support at once; "
        "otherwise ask for a new one.",
    )
