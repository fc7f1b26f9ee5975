"""Mails to applicants, at their ordinary address of contact: where their request stands, and the link to it.

Nothing secret but the link is in them: no code, no number, nothing of what was found (the address was typed on a public
form, and may be somebody else's).
"""

from typing import Final

from miss.base.text import Language, Text
from miss.directory.registrations import MailKind, RegistrationMail
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.storage import Transaction

LOCAL_PART: Final = "miss"
FOLLOW_PATH: Final = "/inscription/suivi"

_SUBJECTS: Final = {
    MailKind.RECEIVED: Text(fr="Votre demande d’inscription à MiSS", en="Your request to join MiSS"),
    MailKind.NEEDS_MORE: Text(
        fr="Votre inscription à MiSS : un complément est demandé", en="Your request to join MiSS: more is needed"
    ),
    MailKind.APPROVED: Text(
        fr="Votre inscription à MiSS est acceptée", en="Your request to join MiSS has been granted"
    ),
    MailKind.REFUSED: Text(fr="Votre demande d’inscription à MiSS", en="Your request to join MiSS"),
    MailKind.MERGED: Text(
        fr="Vos demandes d’inscription à MiSS sont réunies", en="Your requests to join MiSS are joined"
    ),
    MailKind.WITHDRAWN: Text(fr="Votre demande d’inscription est retirée", en="Your request to join is withdrawn"),
    MailKind.LINK: Text(fr="Le lien de suivi de votre demande à MiSS", en="The follow link of your request to MiSS"),
}
_OPENINGS: Final = {
    MailKind.RECEIVED: Text(
        fr="Nous avons reçu une demande d’inscription à MiSS avec cette adresse de contact. Un technicien va la "
        "comparer au répertoire national des professionnels de santé ; cela prend quelques jours.",
        en="We have received a request to join MiSS with this address of contact. A technician will compare it with "
        "the national register of health professionals; this takes a few days.",
    ),
    MailKind.NEEDS_MORE: Text(
        fr="Pour donner suite à votre demande, nous avons besoin d’un complément :",
        en="To go on with your request we need something more:",
    ),
    MailKind.APPROVED: Text(
        fr="Votre identité a été vérifiée et votre compte est ouvert. Une lettre part vers votre adresse "
        "professionnelle : elle contient vos codes d’activation, qui ne sont jamais envoyés par courriel.",
        en="Your identity was verified and your account is open. A letter is on its way to your professional address: "
        "it holds your activation codes, which are never sent by e-mail.",
    ),
    MailKind.REFUSED: Text(
        fr="Votre demande d’inscription n’a pas pu être acceptée.", en="Your request to join could not be granted."
    ),
    MailKind.MERGED: Text(
        fr="Vous aviez fait plusieurs demandes : elles sont réunies en une seule, avec vos documents. Rien à refaire ; "
        "suivez l’autre demande avec le lien que vous avez reçu pour elle.",
        en="You had made several requests: they are now one, with your documents. There is nothing to do again; follow "
        "the other request with the link you received for it.",
    ),
    MailKind.WITHDRAWN: Text(
        fr="Votre demande est retirée. Elle et vos documents seront effacés.",
        en="Your request is withdrawn. It and your documents will be erased.",
    ),
    MailKind.LINK: Text(
        fr="Le lien de suivi d’une demande d’inscription à MiSS qui porte cette adresse nous a été demandé.",
        en="We were asked for the follow link of a request to join MiSS that names this address.",
    ),
}
_LINK: Final = Text(
    fr="Suivez votre demande, répondez ou ajoutez des documents avec ce lien, qui vous est personnel :",
    en="Follow your request, answer or add documents with this link, which is yours alone:",
)
_CLOSING: Final = Text(
    fr="Si cette demande ne vient pas de vous, ouvrez le lien et retirez-la, ou ne faites rien. Ce message est "
    "automatique : n’y répondez pas. Assistance : {support}",
    en="If this request is not yours, open the link and withdraw it, or do nothing. This message is automatic: do not "
    "answer it. Support: {support}",
)


class RegistrationMails:
    """`miss.directory.registrations.SendRegistrationMail`, by the outbox."""

    def __init__(self, outbox: Outbox, domain: str, public_origin: str, support: str) -> None:
        """`domain`: of the platform's own addresses; `public_origin`: of the pages.  Raises AddressMalformed."""
        self._outbox = outbox
        self._domain = domain
        self._origin = public_origin
        self._support = support
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), "MiSS")

    async def __call__(self, tx: Transaction, mail: RegistrationMail) -> None:
        """Queue the mail.  Raises AddressMalformed for an address that no mail system would take."""
        outbound = OutboundMail(
            message_id=message_id_for("registration", mail.reference, self._domain),
            sender=self._sender,
            to=Mailbox(parse_address(mail.to, "email")),
            subject=_SUBJECTS[mail.kind].in_(mail.language),
            text=self._say(mail, mail.language),
            auto_submitted=AutoSubmitted.GENERATED,
        )
        await self._outbox.enqueue(tx, outbound, about=f"registration:{mail.reference}")

    def _say(self, mail: RegistrationMail, language: Language) -> str:
        parts = [_OPENINGS[mail.kind].in_(language)]
        if mail.reasons:
            parts.append("\n".join(f"- {reason.in_(language)}" for reason in mail.reasons))
        if mail.words:
            parts.append(mail.words)
        parts += [_LINK.in_(language), f"{self._origin}{FOLLOW_PATH}/{mail.token}"]
        parts.append(_CLOSING.in_(language, support=self._support))
        return "\n\n".join(parts) + "\n"
