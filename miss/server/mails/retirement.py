"""Mails about somebody's leaving, to who leaves and to the successor: nobody is redirected without being told."""

from typing import Final

from miss.base.ids import AccountId
from miss.base.text import Text
from miss.directory.accounts import Accounts
from miss.directory.practitioners import Practitioners
from miss.directory.retirement import Notice, Retirement
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.server.mails.mailboxes import find_mailbox
from miss.storage import Transaction

LOCAL_PART: Final = "miss"
_ASKED: Final = (
    Text(fr="Votre départ de MiSS a été demandé", en="Your leaving MiSS has been asked for"),
    Text(
        fr="L’assistance a enregistré une demande de départ à votre nom, pour le {leaves_on}.{succession}\n\nElle doit "
        "encore être approuvée. Si vous n’en êtes pas à l’origine, prévenez l’assistance aussitôt. Ce message est "
        "automatique : n’y répondez pas.\n",
        en="Support has recorded that you are to leave on {leaves_on}.{succession}\n\nThis still has to be approved. "
        "If it does not come from you, tell support at once. This message is automatic: do not answer it.\n",
    ),
)
_APPROVED: Final = (
    Text(fr="Votre départ de MiSS est enregistré", en="Your leaving MiSS is settled"),
    Text(
        fr="Votre départ est enregistré pour le {leaves_on}.{succession}\n\nVotre compte sera fermé le {closes_on}. "
        "Vous pouvez encore y renoncer jusque-là, depuis « Mon compte » ou auprès de l’assistance. Si vous n’en êtes "
        "pas à l’origine, prévenez-la aussitôt. Ce message est automatique : n’y répondez pas.\n",
        en="Your leaving is settled for {leaves_on}.{succession}\n\nYour account will be closed on {closes_on}. Until "
        "then you may give it up, under “My account” or with support. If it does not come from you, tell support at "
        "once. This message is automatic: do not answer it.\n",
    ),
)
_SUCCEEDS: Final = (
    Text(fr="Vous succédez à {name} sur MiSS", en="You succeed {name} on MiSS"),
    Text(
        fr="Du {leaves_on} au {closes_on}, les avis et questions que la plateforme adresse à {name} vous parviendront, "
        "avec une mention visible dans leur sujet. Les correspondants en sont informés.\n\nSi ce n’est pas convenu, "
        "prévenez l’assistance. Ce message est automatique : n’y répondez pas.\n",
        en="From {leaves_on} to {closes_on}, the advice and questions that the platform addresses to {name} will come "
        "to you, with a visible mention in their subject. Correspondents are told.\n\nIf this was not agreed, tell "
        "support. This message is automatic: do not answer it.\n",
    ),
)
_SUCCESSION: Final = Text(
    fr=" Du {leaves_on} au {closes_on}, les avis et questions qui vous sont adressés iront à {name}.",
    en=" From {leaves_on} to {closes_on}, the advice and questions addressed to you will go to {name}.",
)


class RetirementMails:
    """`miss.directory.retirement.Notify`, by the outbox."""

    def __init__(self, accounts: Accounts, practitioners: Practitioners, outbox: Outbox, domain: str) -> None:
        """`domain`: of the platform's own addresses.  Raises AddressMalformed."""
        self._accounts = accounts
        self._practitioners = practitioners
        self._outbox = outbox
        self._domain = domain
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), "MiSS")

    async def __call__(self, tx: Transaction, retirement: Retirement, notice: Notice) -> None:
        """Queue the mails; somebody without a mailbox that can be written to gets none."""
        subject, body = _ASKED if notice is Notice.ASKED else _APPROVED
        await self._send(tx, retirement, retirement.uid, f"retirement-{notice.value}", subject, body)
        if notice is Notice.APPROVED and retirement.successor is not None:
            await self._send(tx, retirement, retirement.successor.uid, "succession", *_SUCCEEDS)

    async def _send(
        self, tx: Transaction, retirement: Retirement, uid: AccountId, kind: str, subject: Text, body: Text
    ) -> None:
        account = await self._accounts.get(uid, tx)
        ids = {account.practitioner_id, retirement.practitioner_id}
        if retirement.successor is not None:
            ids.add(retirement.successor.practitioner_id)
        people = await self._practitioners.get_many(ids, tx)
        to = find_mailbox(people[account.practitioner_id]) if account.practitioner_id in people else None
        if to is None:
            return
        language, successor = account.language, retirement.successor
        said = {
            "leaves_on": f"{retirement.leaves_on:%d/%m/%Y}",
            "closes_on": f"{retirement.ends_at:%d/%m/%Y}",
            "name": people[retirement.practitioner_id].display_name,
        }
        heir = people[successor.practitioner_id].display_name if successor else ""
        succession = _SUCCESSION.in_(language, **(said | {"name": heir})) if successor else ""
        mail = OutboundMail(
            message_id=message_id_for(kind, retirement.id, self._domain),
            sender=self._sender,
            to=to,
            subject=subject.in_(language, **said),
            text=body.in_(language, **said, succession=succession),
            auto_submitted=AutoSubmitted.GENERATED,
        )
        await self._outbox.enqueue(tx, mail, about=f"retirement:{retirement.id}")
