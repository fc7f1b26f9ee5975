"""Mails about invitations and mandates: the link to who is invited, what became of it to the other side.

Nothing secret but the link is in them: no code, no number.  Whether the address has an account changes nothing.
"""

from typing import Final

from miss.base.ids import OrganizationId
from miss.base.text import Language, Text
from miss.directory.establishments.branding import Brandings
from miss.directory.invitations import InvitationMail, InvitationMailKind
from miss.directory.roles import Scope, ScopeKind
from miss.documents.mssante import display_name
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.server.web.zones import PAGE_ZONE
from miss.storage import Transaction

LOCAL_PART: Final = "miss"
PLATFORM: Final = "MiSS"
INVITATION_PATH: Final = "/inscription/invitation"

_SUBJECTS: Final = {
    InvitationMailKind.INVITED: Text(fr="{inviter} vous invite sur MiSS", en="{inviter} invites you to MiSS"),
    InvitationMailKind.ACTIVE: Text(fr="{invitee} a son accès à MiSS", en="{invitee} has access to MiSS"),
    InvitationMailKind.ENDED: Text(fr="Votre mandat sur MiSS a pris fin", en="Your mandate on MiSS has ended"),
    InvitationMailKind.GIVEN_UP: Text(
        fr="{invitee} a mis fin à son mandat sur MiSS", en="{invitee} has ended their mandate on MiSS"
    ),
    InvitationMailKind.NAMED: Text(
        fr="{inviter} vous donne mandat sur MiSS", en="{inviter} gives you a mandate on MiSS"
    ),
    InvitationMailKind.ENDED_BY_EMPLOYER: Text(
        fr="Votre mandat sur MiSS a pris fin", en="Your mandate on MiSS has ended"
    ),
    InvitationMailKind.EMPLOYEE_LEFT: Text(
        fr="Le mandat de {invitee} sur MiSS a pris fin", en="The mandate of {invitee} on MiSS has ended"
    ),
}
_BODIES: Final = {
    InvitationMailKind.INVITED: Text(
        fr="Bonjour {invitee},\n\n{inviter} vous invite à travailler en son nom sur MiSS, la messagerie et la "
        "téléexpertise des professionnels de santé. Vous aurez un compte à votre nom : ce que vous y ferez portera "
        "votre signature.\n\nPour répondre, ouvrez ce lien, qui vous est personnel et ne sert qu’une fois. Il est "
        "valable jusqu’au {until} :\n\n{link}\n\nUn technicien vérifiera ensuite votre identité, puis vous recevrez "
        "par courrier postal un code d’activation.\n\nSi vous ne connaissez pas {inviter}, ne faites rien : sans "
        "réponse, l’invitation s’éteint. Ce message est automatique : n’y répondez pas.",
        en="Hello {invitee},\n\n{inviter} invites you to work in their name on MiSS, the secure messaging and "
        "tele-expertise of health professionals. You will have an account of your own: what you do there bears your "
        "signature.\n\nTo answer, open this link, which is yours alone and serves once. It is good until {until}:\n\n"
        "{link}\n\nA technician will then verify your identity, and an activation code will come to you by post.\n\n"
        "If you do not know {inviter}, do nothing: unanswered, the invitation lapses. This message is automatic: do "
        "not answer it.",
    ),
    InvitationMailKind.ACTIVE: Text(
        fr="L’identité de {invitee} a été vérifiée : cette personne peut agir en votre nom dès qu’elle aura activé son "
        "accès avec la lettre qui lui est envoyée. Chacun de ses actes porte son nom à côté du vôtre.\n\nVous pouvez y "
        "mettre fin à tout moment, avec effet immédiat, depuis la page des invitations. Ce message est automatique : "
        "n’y répondez pas.",
        en="The identity of {invitee} was verified: they may act in your name as soon as they have activated their "
        "access with the letter that is sent to them. Each of their acts bears their name beside yours.\n\nYou may end "
        "this at any moment, at once, on the page of invitations. This message is automatic: do not answer it.",
    ),
    InvitationMailKind.ENDED: Text(
        fr="{inviter} a mis fin à votre mandat : vous n’agissez plus en son nom sur MiSS, dès maintenant.\n\nSi cela "
        "n’était pas convenu, parlez-en ensemble. Ce message est automatique : n’y répondez pas.",
        en="{inviter} has ended your mandate: from now on you no longer act in their name on MiSS.\n\nIf this was not "
        "agreed, talk to each other. This message is automatic: do not answer it.",
    ),
    InvitationMailKind.GIVEN_UP: Text(
        fr="{invitee} a mis fin à son mandat : cette personne n’agit plus en votre nom sur MiSS, dès maintenant.\n\nCe "
        "message est automatique : n’y répondez pas.",
        en="{invitee} has ended their mandate: from now on they no longer act in your name on MiSS.\n\nThis message is "
        "automatic: do not answer it.",
    ),
    InvitationMailKind.NAMED: Text(
        fr="Bonjour {invitee},\n\n{inviter} vous donne mandat : vous pouvez agir en son nom sur MiSS, sous votre "
        "propre signature. Choisissez pour qui vous travaillez à la page « Je travaille pour… » ; vous pouvez y "
        "renoncer à tout moment.\n\nCe message est automatique : n’y répondez pas.",
        en="Hello {invitee},\n\n{inviter} gives you a mandate: you may act in their name on MiSS, under your own "
        "signature. Choose for whom you work on the page “I work for…”; you may give it up at any moment.\n\nThis "
        "message is automatic: do not answer it.",
    ),
    InvitationMailKind.ENDED_BY_EMPLOYER: Text(
        fr="{employer} a mis fin à votre mandat auprès de {inviter} : vous n’agissez plus en son nom sur MiSS, dès "
        "maintenant.\n\nCe message est automatique : n’y répondez pas.",
        en="{employer} has ended your mandate with {inviter}: from now on you no longer act in their name on MiSS.\n\n"
        "This message is automatic: do not answer it.",
    ),
    InvitationMailKind.EMPLOYEE_LEFT: Text(
        fr="{employer}, qui emploie {invitee}, a mis fin à son mandat auprès de vous : cette personne n’agit plus en "
        "votre nom sur MiSS, dès maintenant.\n\nCe message est automatique : n’y répondez pas.",
        en="{employer}, who employs {invitee}, has ended their mandate with you: from now on they no longer act in "
        "your name on MiSS.\n\nThis message is automatic: do not answer it.",
    ),
}


class InvitationMails:
    """`miss.directory.invitations.SendInvitationMail`, by the outbox."""

    def __init__(self, outbox: Outbox, brandings: Brandings, domain: str, public_origin: str) -> None:
        """`domain`: of the platform's own addresses; `public_origin`: of the pages.  Raises AddressMalformed."""
        self._outbox = outbox
        self._brandings = brandings
        self._domain = domain
        self._origin = public_origin
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), PLATFORM)

    async def __call__(self, tx: Transaction, mail: InvitationMail) -> None:
        """Queue the mail.  Raises AddressMalformed for an address that no mail system would take."""
        people = {"inviter": mail.inviter, "invitee": mail.invitee, "employer": mail.employer}
        body = _BODIES[mail.kind].in_(
            mail.language, link=f"{self._origin}{INVITATION_PATH}/{mail.token}", until=self._until(mail), **people
        )
        outbound = OutboundMail(
            message_id=message_id_for("invitation", mail.reference, self._domain),
            sender=await self._signed(tx, mail.scope),
            to=Mailbox(parse_address(mail.to, "email")),
            subject=_SUBJECTS[mail.kind].in_(mail.language, **people),
            text=body + "\n",
            auto_submitted=AutoSubmitted.GENERATED,
        )
        await self._outbox.enqueue(tx, outbound, about=f"invitation:{mail.reference}")

    async def _signed(self, tx: Transaction, scope: Scope | None) -> Mailbox:
        """With the name under which the establishment writes, as on its letters; plain if it chose none, or a person
        writes."""
        if scope is None or scope.kind is not ScopeKind.ORGANIZATION:
            return self._sender
        look = await self._brandings.look([OrganizationId(scope.id)], tx)
        return Mailbox(self._sender.address, display_name(look.name, PLATFORM)) if look.name else self._sender

    def _until(self, mail: InvitationMail) -> str:
        if mail.link_ends_at is None:
            return ""
        pattern = "%d/%m/%Y" if mail.language is Language.FR else "%Y-%m-%d"
        return mail.link_ends_at.astimezone(PAGE_ZONE).strftime(pattern)
