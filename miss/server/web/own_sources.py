"""What the house itself keeps on somebody: the parts of the export that no service brings.

Keys of a device or a passkey are given by their public part, codes and passwords by the fact that there are some: what
would let somebody else in is not data about the person.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from miss.base.text import Language, Text
from miss.chat.devices.service import Devices
from miss.directory.accounts import Account
from miss.directory.agreements import Agreements
from miss.directory.certificates import Certificates
from miss.directory.invitations import Invitations
from miss.directory.practitioners import DirectoryEntry, Practitioner
from miss.directory.proposals import EntryChange
from miss.directory.roles.model import ROLE_NAMES
from miss.server.house import House
from miss.server.own_data import Part
from miss.server.web.front import Front
from miss.server.web.own_absences import today
from miss.server.web.own_consultations import OwnJournal

MAX_EVENTS = 500
LOG_PAGES = 25
"""Of 200 entries each."""
_LOG_PAGE = 200


@dataclass(frozen=True, slots=True)
class HouseData:
    """Everything of the house, as `miss.server.own_data.Source`."""

    house: House
    front: Front
    devices: Devices
    agreements: Agreements
    journal: OwnJournal
    certificates: Certificates
    invitations: Invitations

    async def gather(self, account: Account) -> Sequence[Part]:
        """Each part is bounded; what is beyond is on its own page."""
        practitioner = await self.house.practitioners.get(account.practitioner_id)
        return [
            await self._account(account),
            await self._agreements(account),
            Part(
                "fiche-registre",
                Text(fr="Ma fiche : registre national", en="My entry: register"),
                _register(practitioner),
            ),
            Part(
                "fiche-plateforme",
                Text(fr="Ma fiche : ce qu’en dit la plateforme", en="My entry: what the platform says"),
                _entry(practitioner.entry),
            ),
            await self._certificates(account),
            await self._invitations(account),
            *await self._acts(account),
            *await self._ways_in(account),
            *await self._choices(account),
        ]

    async def _account(self, account: Account) -> Part:
        level = await self.house.own.preferences.get_level(account.uid)
        content = {
            "Identifiant": account.uid.hex(),
            "Numéro au registre": account.practitioner_id,
            "État": account.verification.value,
            "Depuis": _say(account.verification_since),
            "Langue": account.language.value,
            "Notifications": level.value,
        }
        return Part("compte", Text(fr="Mon compte", en="My account"), content)

    async def _certificates(self, account: Account) -> Part:
        content = [
            {
                "Adresses": list(one.facts.addresses),
                "Émis par": one.facts.issuer,
                "Valable du": _say(one.facts.not_before),
                "Au": _say(one.facts.not_after),
                "Empreinte": one.facts.fingerprint,
                "Publié le": _say(one.added_at),
                "Retiré le": _say(one.withdrawn_at),
            }
            for one in await self.certificates.list_of(account.practitioner_id)
        ]
        return Part("certificats", Text(fr="Mes certificats", en="My certificates"), content)

    async def _invitations(self, account: Account) -> Part:
        content = [
            {
                "Personne": one.invitee.display_name,
                "Fonction": one.invitee.function,
                "Adresse": one.invitee.email,
                "Pour": f"{one.scope.kind.value} {one.scope.id}",
                "Invitée le": _say(one.invited_at),
                "État": one.state.value,
                "Depuis": _say(one.since),
            }
            for one in await self.invitations.list_made(account.uid)
        ]
        return Part("invitations", Text(fr="Personnes que j’ai invitées", en="People whom I invited"), content)

    async def _agreements(self, account: Account) -> Part:
        content = [
            {
                "Texte": one.document.value,
                "Version": one.version,
                "Accepté le": _say(one.at),
                "Signé": one.signature.name,
                "Adresse réseau": one.signature.address,
                "Empreinte": one.digest.hex(),
            }
            for one in await self.agreements.list_acceptances(account.uid)
        ]
        return Part("engagements", Text(fr="Textes que j’ai acceptés", en="Texts that I accepted"), content)

    async def _acts(self, account: Account) -> list[Part]:
        events = await self.house.accounts.list_events(account.uid, MAX_EVENTS)
        story = [
            {"Quand": _say(event.at), "Acte": event.act.value, "Par": event.by, "Précision": event.detail}
            for event in events
        ]
        lines, cursor = [], ""
        for _ in range(LOG_PAGES):
            page, cursor = await self.journal.read(account, with_own=True, cursor=cursor, limit=_LOG_PAGE)
            lines += page
            if not cursor:
                break
        looked = [
            {
                "Quand": _say(line.at),
                "Qui": line.who.in_(Language.FR),
                "Quoi": line.what.in_(Language.FR),
            }
            for line in lines
        ]
        return [
            Part("histoire", Text(fr="Histoire de mon compte", en="Story of my account"), story),
            Part("consultations", Text(fr="Qui a consulté mes données", en="Who looked at my data"), looked),
        ]

    async def _ways_in(self, account: Account) -> list[Part]:
        sessions = await self.house.sign_in.sessions.list_(account)
        keys = await self.front.passkeys.list_(account.uid)
        factors = await self.front.factors.status(account.uid)
        devices = await self.devices.list_(account.uid)
        return [
            Part(
                "sessions",
                Text(fr="Sessions ouvertes", en="Open sessions"),
                [
                    {
                        "Ouverte le": _say(one.signed_in_at),
                        "Utilisée le": _say(one.last_used_at),
                        "Moyen": one.method.value,
                        "Navigateur": one.visit.user_agent,
                        "Adresse réseau": one.visit.address,
                        "Poste partagé": one.visit.is_shared,
                    }
                    for one in sessions
                ],
            ),
            Part(
                "facteurs",
                Text(fr="Moyens de connexion", en="Ways of signing in"),
                {
                    "Application de codes depuis": _say(factors.totp_since),
                    "Codes de secours restants": factors.recovery_codes_left,
                    "Clés d’accès": [
                        {"Nom": key.name, "Ajoutée le": _say(key.added_at), "Utilisée le": _say(key.last_used_at)}
                        for key in keys
                    ],
                },
            ),
            Part(
                "appareils",
                Text(fr="Appareils", en="Devices"),
                [
                    {
                        "Nom": one.name,
                        "Identifiant": one.did.hex(),
                        "Clé publique": one.ik.hex(),
                        "Relié le": _say(one.linked_at),
                        "Révoqué le": _say(one.revoked_at),
                        "Vu le": _say(one.last_seen),
                        "Sur papier": one.paper,
                    }
                    for one in devices
                ],
            ),
        ]

    async def _choices(self, account: Account) -> list[Part]:
        own, now = self.house.own, self.house.clock.now()
        principal = await self.house.sign_in.sessions.principal(account)
        grants = sorted(principal.grants, key=lambda grant: (grant.role.value, grant.scope.id))
        blocks, proposals = await own.blocking.list_(account.uid), await own.proposals.list_own(account.uid)
        absences = await own.absences.list_(account, today=today(now))
        roles = [
            {
                "Rôle": ROLE_NAMES[grant.role].fr,
                "Pour": f"{grant.scope.kind.value} {grant.scope.id}".strip(),
                "Jusqu’au": _say(grant.ends_at),
            }
            for grant in grants
        ]
        return [
            Part("roles", Text(fr="Mes rôles", en="My roles"), roles),
            Part(
                "blocages",
                Text(fr="Correspondants bloqués", en="Blocked correspondents"),
                [
                    {
                        "Correspondant": one.practitioner_id or one.address,
                        "Motif": one.reason.value,
                        "Depuis": _say(one.since),
                    }
                    for one in blocks
                ],
            ),
            Part(
                "absences",
                Text(fr="Mes absences", en="My absences"),
                [
                    {
                        "Du": _say(one.first_day),
                        "Au": _say(one.last_day),
                        "Message": one.message,
                        "Confrère": one.colleague or "",
                    }
                    for one in absences
                ],
            ),
            Part(
                "propositions",
                Text(fr="Changements que j’ai proposés", en="Changes that I proposed"),
                [
                    {
                        "Faite le": _say(one.made_at),
                        "État": one.state.value,
                        "Traitée le": _say(one.settled_at),
                        "Motif": one.reason,
                        "Changement": _change(one.change),
                    }
                    for one in proposals
                ],
            ),
        ]


def _register(person: Practitioner) -> dict[str, object]:
    return {
        "Nom": person.display_name,
        "Numéro": person.national_id,
        "Profession": person.profession.display,
        "Adresses de messagerie sécurisée": list(person.mailboxes),
        "Diplômes et autorisations": [one.coding.display for one in person.qualifications],
        "Activités": [
            {
                "Spécialité": role.specialty.display if role.specialty else "",
                "Lieu": role.organization.name if role.organization else "",
                "Code postal": role.postcode,
                "Commune": role.town,
                "Téléphone": role.phone,
            }
            for role in person.roles
        ],
        "Sorti du registre le": _say(person.gone_at),
    }


def _entry(entry: DirectoryEntry) -> dict[str, object]:
    return {
        "Téléphone": entry.phone,
        "Adresse à publier": entry.mailbox,
        "Formats acceptés": sorted(entry.formats),
        "Liste rouge": entry.is_red_listed,
        "Passerelle": entry.is_proxy,
    }


def _change(change: EntryChange) -> dict[str, object]:
    said = {name: value for name, value in asdict(change).items() if value not in (None, "")}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in said.items()}


def _say(at: datetime | date | None) -> str:
    if at is None:
        return ""
    return at.isoformat(timespec="seconds") if isinstance(at, datetime) else at.isoformat()
