"""Calling somebody to MiSS by secure mail: a notice without a name, without a word of what it is about.  protocol §7

Queued in the transaction that decides on the call, so that neither exists without the other.  Somebody without a
mailbox in the directory is not called: the chat keeps record of that.
"""

from typing import Final

from miss.base.ids import AccountId
from miss.base.text import Text
from miss.chat.alarms.model import Wakeup, WakeupKind
from miss.directory.accounts import Account, Accounts
from miss.directory.practitioners import Practitioners
from miss.directory.preferences import NotificationLevel, Preferences
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.server.mails.mailboxes import find_mailbox
from miss.storage import Transaction

LOCAL_PART: Final = "miss"
_WORDS: Final = {
    WakeupKind.ALARM_ASKED: Text(
        fr="Un résultat attend votre accusé de réception dans MiSS",
        en="A result waits for your acknowledgement in MiSS",
    ),
    WakeupKind.ALARM_EXHAUSTED: Text(
        fr="Un résultat que vous avez envoyé n'a pas reçu d'accusé de réception dans MiSS",
        en="A result you sent was not acknowledged in MiSS",
    ),
}
_DISCREET: Final = Text(fr="Du nouveau vous attend dans MiSS", en="Something new waits for you in MiSS")
_BODY: Final = Text(
    fr="{words}.\n\nOuvrez MiSS pour le lire. Ce message est automatique : n'y répondez pas.\n",
    en="{words}.\n\nOpen MiSS to read it. This message is automatic: do not answer it.\n",
)


class WakeupMails:
    """`miss.chat.alarms.service.Notify`, by mail."""

    def __init__(
        self, accounts: Accounts, practitioners: Practitioners, preferences: Preferences, outbox: Outbox, domain: str
    ) -> None:
        """`domain`: of the platform's own addresses.  Raises AddressMalformed."""
        self._accounts = accounts
        self._practitioners = practitioners
        self._preferences = preferences
        self._outbox = outbox
        self._domain = domain
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), "MiSS")

    async def __call__(self, tx: Transaction, uid: AccountId, wakeup: Wakeup) -> bool:
        """Queue the notice; False for somebody without an active account or a mailbox that can be written to, or who
        wants no mail."""
        account = (await self._accounts.get_many([uid], tx)).get(uid)
        to = await self._find_mailbox(tx, account) if account is not None and account.is_active else None
        if account is None or to is None:
            return False
        level = await self._preferences.level(tx, uid)
        if level is NotificationLevel.NONE:
            return False
        words = (_WORDS[wakeup.kind] if level is NotificationLevel.FULL else _DISCREET).in_(account.language)
        mail = OutboundMail(
            message_id=message_id_for("wakeup", wakeup.reference, self._domain),
            sender=self._sender,
            to=to,
            subject=words,
            text=_BODY.in_(account.language, words=words),
            auto_submitted=AutoSubmitted.GENERATED,
        )
        await self._outbox.enqueue(tx, mail, about=f"wakeup:{wakeup.reference}")
        return True

    async def _find_mailbox(self, tx: Transaction, account: Account) -> Mailbox | None:
        return find_mailbox(await self._practitioners.get(account.practitioner_id, tx))
