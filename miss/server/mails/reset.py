"""Mails to who has forgotten a password: a link that serves once, never a password."""

from typing import Final

from miss.base.text import Text
from miss.directory.accounts import Account
from miss.directory.practitioners import Practitioner
from miss.directory.sign_in.reset import ResetMail, ResetMailKind
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.server.mails.mailboxes import find_mailbox
from miss.storage import Transaction

LOCAL_PART: Final = "miss"
LINK_PATH: Final = "/mot-de-passe-oublie/nouveau"
_SUBJECTS: Final = {
    ResetMailKind.LINK: Text(fr="Choisir un nouveau mot de passe MiSS", en="Choose a new MiSS password"),
    ResetMailKind.NO_SECOND_FACTOR: Text(fr="Votre mot de passe MiSS oublié", en="Your forgotten MiSS password"),
    ResetMailKind.CHANGED: Text(fr="Votre mot de passe MiSS a été changé", en="Your MiSS password was changed"),
}
_BODIES: Final = {
    ResetMailKind.LINK: Text(
        fr="Un nouveau mot de passe a été demandé pour votre compte MiSS.\n\nPour le choisir, ouvrez ce lien dans les "
        "30 minutes ; il ne sert qu'une fois, et votre second facteur vous sera demandé :\n\n{link}\n\nSi ce n'est pas "
        "vous, ne faites rien : votre mot de passe ne change pas. Ce message est automatique : n'y répondez pas.\n",
        en="A new password was asked for your MiSS account.\n\nTo choose it, open this link within 30 minutes; it "
        "works once, and you will be asked for your second factor:\n\n{link}\n\nIf this was not you, do nothing: your "
        "password does not change. This message is automatic: do not answer it.\n",
    ),
    ResetMailKind.NO_SECOND_FACTOR: Text(
        fr="Un nouveau mot de passe a été demandé pour votre compte MiSS.\n\nVotre compte n'a pas de second facteur : "
        "cette messagerie ne suffit pas à elle seule pour changer de mot de passe. Demandez un code d'activation à "
        "l'assistance, puis choisissez un mot de passe ici :\n\n{link}\n\nSi ce n'est pas vous, ne faites rien. Ce "
        "message est automatique : n'y répondez pas.\n",
        en="A new password was asked for your MiSS account.\n\nYour account has no second factor: this mailbox alone "
        "is not enough to change the password. Ask support for an activation code, then choose a password here:\n\n"
        "{link}\n\nIf this was not you, do nothing. This message is automatic: do not answer it.\n",
    ),
    ResetMailKind.CHANGED: Text(
        fr="Le mot de passe de votre compte MiSS vient d'être changé, et toutes vos sessions ont pris fin.\n\nSi ce "
        "n'est pas vous, prévenez l'assistance aussitôt. Ce message est automatique : n'y répondez pas.\n",
        en="The password of your MiSS account was just changed, and all your sessions have ended.\n\nIf this was not "
        "you, tell support at once. This message is automatic: do not answer it.\n",
    ),
}


class ResetMails:
    """`miss.directory.sign_in.reset.SendResetMail`, by the outbox."""

    def __init__(self, outbox: Outbox, domain: str, public_origin: str) -> None:
        """`domain`: of the platform's own addresses; `public_origin`: of the pages.  Raises AddressMalformed."""
        self._outbox = outbox
        self._domain = domain
        self._origin = public_origin
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), "MiSS")

    async def __call__(self, tx: Transaction, account: Account, practitioner: Practitioner, mail: ResetMail) -> bool:
        """Queue the mail; False for somebody without a mailbox that can be written to."""
        to = find_mailbox(practitioner)
        if to is None:
            return False
        path = f"{LINK_PATH}?jeton={mail.token}" if mail.token else "/activation"
        text = _BODIES[mail.kind].in_(account.language, link=f"{self._origin}{path}")
        outbound = OutboundMail(
            message_id=message_id_for("reset", mail.reference, self._domain),
            sender=self._sender,
            to=to,
            subject=_SUBJECTS[mail.kind].in_(account.language),
            text=text,
            auto_submitted=AutoSubmitted.GENERATED,
        )
        await self._outbox.enqueue(tx, outbound, about=f"reset:{mail.reference}")
        return True
