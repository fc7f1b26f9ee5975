"""What became of a proposed change, told to the mailbox of whoever proposed it."""

from typing import Final

from miss.base.text import Text
from miss.directory.accounts import Accounts
from miss.directory.practitioners import Practitioners
from miss.directory.preferences import NotificationLevel, Preferences
from miss.directory.proposals import Proposal, ProposalState
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.server.mails.mailboxes import find_mailbox
from miss.storage import Transaction

LOCAL_PART: Final = "miss"
_SUBJECT: Final = Text(fr="Votre fiche dans l’annuaire MiSS", en="Your entry in the MiSS directory")
_BODIES: Final = {
    ProposalState.ACCEPTED: Text(
        fr="Votre proposition de changement a été acceptée. Ce que la plateforme dit de vous est à jour ; ce qui "
        "concerne le registre national a été transmis ou vérifié par un technicien.\n\nVotre fiche : « Mon compte », "
        "« Ma fiche ». Ce message est automatique : n’y répondez pas.\n",
        en="The change that you proposed was accepted. What the platform says of you is up to date; what is about the "
        "national register was passed on or checked by a technician.\n\nYour entry: “My account”, “My entry”. This "
        "message is automatic: do not answer it.\n",
    ),
    ProposalState.REFUSED: Text(
        fr="Votre proposition de changement n’a pas été acceptée. Motif :\n\n{reason}\n\nVous pouvez en faire une "
        "autre : « Mon compte », « Ma fiche ». Ce message est automatique : n’y répondez pas.\n",
        en="The change that you proposed was not accepted. Reason:\n\n{reason}\n\nYou can make another one: “My "
        "account”, “My entry”. This message is automatic: do not answer it.\n",
    ),
}
_DISCREET: Final = Text(
    fr="Du nouveau vous attend dans MiSS, « Mon compte ». Ce message est automatique : n’y répondez pas.\n",
    en="Something new waits for you in MiSS, “My account”. This message is automatic: do not answer it.\n",
)


class ProposalMails:
    """`miss.directory.proposals.TellOutcome`, by the outbox."""

    def __init__(
        self,
        accounts: Accounts,
        practitioners: Practitioners,
        preferences: Preferences,
        outbox: Outbox,
        domain: str,
    ) -> None:
        """`domain`: of the platform's own addresses.  Raises AddressMalformed."""
        self._accounts = accounts
        self._practitioners = practitioners
        self._preferences = preferences
        self._outbox = outbox
        self._domain = domain
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), "MiSS")

    async def __call__(self, tx: Transaction, proposal: Proposal) -> bool:
        """Queue the mail; False for who wants none, or has no mailbox that can be written to."""
        account = await self._accounts.get(proposal.uid, tx)
        people = await self._practitioners.get_many([proposal.practitioner_id], tx)
        person = people.get(proposal.practitioner_id)
        to, level = find_mailbox(person) if person else None, await self._preferences.level(tx, account.uid)
        if to is None or level is NotificationLevel.NONE:
            return False
        body = _BODIES[proposal.state] if level is NotificationLevel.FULL else _DISCREET
        mail = OutboundMail(
            message_id=message_id_for("proposal", proposal.id, self._domain),
            sender=self._sender,
            to=to,
            subject=_SUBJECT.in_(account.language),
            text=body.in_(account.language, reason=proposal.reason),
            auto_submitted=AutoSubmitted.GENERATED,
        )
        await self._outbox.enqueue(tx, mail, about=f"proposal:{proposal.id}")
        return True
