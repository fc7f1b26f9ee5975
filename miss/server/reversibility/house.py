"""What the house gives along to an establishment that leaves: its record, its people, its figures, its access log.

Messages are not among it: they are end-to-end encrypted, the platform cannot read them.  Each member takes theirs
along from their own device (`LISEZMOI.txt` says how).
"""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from miss.base.clock import Clock
from miss.base.text import Language
from miss.directory.accounts import Accounts
from miss.directory.audit import AuditLog, Subject, compose_line
from miss.directory.establishments.export import compose_csv
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.roster import store as roster_store
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.staff import StaffMember, UnitKind
from miss.directory.practitioners import Practitioners
from miss.directory.roles import Role, Roles, organization_scope
from miss.directory.search.words import fold
from miss.documents.delimited import BOM, shield
from miss.server.console.statistics import store as statistics_store
from miss.server.console.statistics.model import show_alone
from miss.server.console.statistics.service import Statistics
from miss.server.reversibility.archive import File, to_json
from miss.storage import Database

RECORD, STAFF, STAFF_CSV, MEMBERS = "etablissement.json", "personnel.json", "personnel.csv", "membres.json"
FIGURES, LOG, README = "statistiques.csv", "journal.jsonl", "LISEZMOI.txt"
JSON, CSV, PLAIN, JSON_LINES = (
    "application/json",
    "text/csv; charset=utf-8",
    "text/plain; charset=utf-8",
    "application/jsonl",
)
_ROLES: Final = (Role.ESTABLISHMENT_ADMINISTRATOR, Role.ORGANIZATION_MEMBER)
_FIRST: Final = datetime(2020, 1, 1, tzinfo=UTC)
_README: Final = """Archive de réversibilité d’un établissement (format miss-establishment/1)

manifest.json      chaque fichier, son empreinte SHA-256, sa taille
etablissement.json la fiche, les contacts, les sites et services
personnel.csv/json qui y travaille, et ce qui en a été dit et quand
membres.json       qui l’administre ou agit en son nom, avec quelles adresses
statistiques.csv   ce qui a été compté, mois par mois
journal.jsonl      le journal des accès qui la concerne ; « miss audit verify --export journal.jsonl » en suit la
                   chaîne jusqu’aux ancres signées
teleexpertise/     chaque demande faite en son nom : FHIR R4, PDF, HPRIM, photographies et pièces, état, courriels
mouvements/        les mouvements de patients encore lisibles

Ce qui n’y est pas : les messages. Ils sont chiffrés de bout en bout, la plateforme ne peut pas les lire. Chaque membre
reprend les siens depuis son appareil (client MiSS : « Exporter la conversation »), et ses données de compte sur la
page « Mes données ». Les demandes qu’un membre a faites en son propre nom sont les siennes. Mots de passe, clés et
jetons n’ont pas de sens ailleurs.

--

Archive of an establishment that leaves. Not in it: messages, which are end-to-end encrypted (each member exports
theirs from their device), requests that members made in their own name, passwords, keys and tokens.
"""


@dataclass(frozen=True, slots=True)
class HouseFiles:
    """What the house keeps of an establishment."""

    db: Database
    clock: Clock
    establishments: Establishments
    roster: Roster
    roles: Roles
    accounts: Accounts
    practitioners: Practitioners
    statistics: Statistics
    audit: AuditLog

    async def files(self, establishment: Establishment) -> AsyncIterator[File]:
        """As `Leaving.files`."""
        yield File(README, _README.encode(), PLAIN)
        yield File(RECORD, to_json(await self._record(establishment)), JSON)
        # By name, as every deployment would: identifiers are each one's own.
        members = sorted(await self.roster.list_all(establishment.id), key=_name_of)
        yield File(STAFF_CSV, compose_csv([one.facts for one in members], Language.FR), CSV)
        yield File(STAFF, to_json([await self._member(establishment, one) for one in members]), JSON)
        yield File(MEMBERS, to_json(await self._members(establishment)), JSON)
        yield File(FIGURES, await self._figures(establishment), CSV)
        yield File(LOG, await self._log(establishment), JSON_LINES)

    async def _record(self, establishment: Establishment) -> dict[str, Any]:
        units = await self.establishments.list_units(establishment.id)
        return {
            "id": establishment.id,
            "name": establishment.name,
            "kind": establishment.kind.value,
            "finess": establishment.finess,
            "town": establishment.town,
            "contacts": [asdict(one) for one in establishment.contacts],
            "sites": [{"name": one.name, "external_id": one.external_id} for one in units.sites()],
            "departments": [
                {"site": units.names(one.id)[0], "name": one.name, "external_id": one.external_id}
                for parent in ("", *(site.id for site in units.sites()))
                for one in units.departments(parent)
                if one.kind is UnitKind.DEPARTMENT
            ],
        }

    async def _member(self, establishment: Establishment, member: StaffMember) -> dict[str, Any]:
        async with self.db.snapshot() as tx:
            events = await roster_store.list_events(tx, establishment.id, member.id, 500)
        facts = {key: day_or_text(value) for key, value in asdict(member.facts).items()}
        told = [{"at": one.at.isoformat(), "by": one.by, "act": one.act, "detail": one.detail} for one in events]
        return facts | {"user_name": member.user_name, "history": told}

    async def _members(self, establishment: Establishment) -> list[dict[str, Any]]:
        scope = organization_scope(establishment.id)
        grants = [grant for role in _ROLES for grant in await self.roles.list_holders(role, scope)]
        accounts = await self.accounts.get_many([grant.uid for grant in grants])
        people = await self.practitioners.get_many([one.practitioner_id for one in accounts.values()])
        said = []
        for grant in grants:
            person = people.get(accounts[grant.uid].practitioner_id) if grant.uid in accounts else None
            said.append(
                {
                    "role": grant.role.value,
                    "until": grant.ends_at.isoformat() if grant.ends_at else None,
                    "account": grant.uid.hex(),
                    "national_id": person.national_id if person else "",
                    "name": person.display_name if person else "",
                    "addresses": list(person.letterboxes) if person else [],
                }
            )
        return said

    async def _figures(self, establishment: Establishment) -> bytes:
        """As the console shows them: what few people did has no number."""
        names = {establishment.id, establishment.finess} - {""}
        lines: list[tuple[str, ...]] = []
        async with self.db.snapshot() as tx:
            months = await statistics_store.list_months(tx, 120)
            for flow in self.statistics.flows if months else ():
                for one in await statistics_store.list_counted(tx, flow.name, months[0], months[-1]):
                    if one.place.establishment in names:
                        shown = show_alone(one.sum)
                        place = (one.place.profession, one.place.specialty)
                        lines.append((one.month, flow.name, *place, str(shown) if isinstance(shown, int) else "<"))
        return compose_lines(("mois", "mesure", "profession", "specialite", "nombre"), sorted(lines))

    async def _log(self, establishment: Establishment) -> bytes:
        """What concerns it in clear, the links of the rest, and the signed anchors (`miss audit verify --export`)."""
        until = self.clock.now() + timedelta(seconds=1)
        extract = await self.audit.export(_FIRST, until, Subject("organization", establishment.id))
        lines = [compose_line(anchor) for anchor in extract.anchors]
        lines += [compose_line(entry) async for entry in extract.entries]
        return "".join(f"{line}\n" for line in lines).encode()


def day_or_text(value: object) -> object:
    """Days and instants as JSON says them."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def compose_lines(head: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that spreadsheets open without running anything of it."""
    text = io.StringIO()
    text.write(BOM)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([shield(cell) for cell in line] for line in lines)
    return text.getvalue().encode()


def _name_of(member: StaffMember) -> tuple[str, ...]:
    facts = member.facts
    return fold(facts.family), fold(facts.given), facts.external_id, member.id
