"""The directory of practitioners: look up, search, and what the platform says of an entry."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.base.random import RandomBytes
from miss.directory.addresses import store as address_store
from miss.directory.establishments import store as establishment_store
from miss.directory.establishments.model import Establishment
from miss.directory.imports.service import Imports
from miss.directory.practitioners import store
from miss.directory.practitioners.errors import PractitionerNotFound
from miss.directory.practitioners.model import (
    Coding,
    DirectoryEntry,
    Practitioner,
    from_establishment,
    from_staff,
    is_party_id,
    organization_of_party,
    organization_party,
    practitioner_id,
)
from miss.directory.practitioners.probes import from_probe, is_probe_id
from miss.directory.register.mailboxes import finess_of_owner, is_address, normalise_address, structure_owner
from miss.directory.register.model import ImportReport, Kind, Tell
from miss.directory.search import store as search_store
from miss.directory.search.model import MAX_DEPTH, Commune, Hit, Match, SearchQuery
from miss.directory.search.question.store import find_communes
from miss.directory.search.words import question_words
from miss.directory.staff_people import is_staff_id, parse_staff_id
from miss.directory.staff_people import store as staff_store
from miss.documents.identities import NumberVerdict, check_rpps
from miss.storage import Database, Transaction

RED_LIST_SLICE = 500
"""People on the red list whose names are compared together."""

Kept = Callable[[], Awaitable[Collection[PractitionerId]]]
"""Tells who stays findable though the register no longer has them: those whom an account refers to."""


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody found, and how."""

    practitioner: Practitioner
    match: Match
    distance_km: float | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of answers, best first."""

    found: tuple[Found, ...]
    has_more: bool
    """True: a greater offset gives more."""


@dataclass(frozen=True, slots=True)
class RedListed:
    """Those on the red list who bear a name."""

    people: tuple[Practitioner, ...]
    has_more: bool
    """True: there are others; a longer text tells them apart."""


async def _nobody() -> Collection[PractitionerId]:
    return ()


class Practitioners:
    """Who is in the directory."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        *,
        register: Database | None = None,
        kept: Kept = _nobody,
    ) -> None:
        """`db`: the application's; `register`: where the register's tables lie, if they lie apart (SQLite)."""
        self._db = db
        self._register = register or db
        self._clock = clock
        self.imports = Imports(db, self._register, clock, random_bytes, kept)

    async def import_register(
        self, chunks: Iterable[bytes], tell: Tell | None = None, *, accept_shrink: bool = False
    ) -> ImportReport:
        """Take in a PS_LibreAcces_Personne_activite extraction; the same file twice changes nothing.

        `chunks`: the file in pieces of any size (its lines, a file opened in binary mode).  Raises
        ExtractionUnreadable, SkillsMissing, RegisterShrinks, RegisterBusy; nothing was changed then.
        """
        return await self.imports.take(Kind.REGISTER, chunks, tell=tell, accept_shrink=accept_shrink)

    async def import_mailboxes(
        self, chunks: Iterable[bytes], tell: Tell | None = None, *, accept_shrink: bool = False
    ) -> ImportReport:
        """Take in an Extraction_Correspondance_MSSante; the register comes first.  As `import_register`."""
        return await self.imports.take(Kind.MAILBOXES, chunks, tell=tell, accept_shrink=accept_shrink)

    async def get(self, practitioner_id: PractitionerId, tx: Transaction | None = None) -> Practitioner:
        """`tx` as `get_many`.  Raises PractitionerNotFound."""
        found = await self.get_many([practitioner_id], tx)
        if practitioner_id not in found:
            raise PractitionerNotFound
        return found[practitioner_id]

    async def get_many(
        self, ids: Collection[PractitionerId], tx: Transaction | None = None
    ) -> dict[PractitionerId, Practitioner]:
        """Practitioners by identifier (some hundreds at most); unknown ones are absent.

        The one door to names: staff people, establishments in whose name people ask, and the platform's probes, whom
        no search finds, are known here by their identifier as well.
        `tx`: the transaction that the caller holds, if it holds one.
        """
        staff_ids = [one for one in ids if is_staff_id(one)]
        places = [organization_of_party(one) for one in ids if is_party_id(one)]
        async with self._db.reading(tx) as ours:
            entries = await store.get_entries(ours, ids)
            staff = await staff_store.get_many(ours, staff_ids) if staff_ids else {}
            named = await establishment_store.get_many(ours, places) if places else []
        async with self._register_beside(tx) as register:
            found = await store.get_many(register, ids, entries)
            parties = [await self._party(register, one, entries) for one in named]
        probes = {one: from_probe(one) for one in ids if is_probe_id(one)}
        named_here = probes | {one: from_staff(person) for one, person in staff.items()}
        return found | named_here | {one.id: one for one in parties}

    @staticmethod
    async def _party(register: Transaction, one: Establishment, entries: store.Entries) -> Practitioner:
        """An establishment with the mailboxes that the register gives its FINESS number."""
        boxes = await store.list_mailboxes(register, structure_owner(one.finess)) if one.finess else ()
        return from_establishment(one, boxes, entries.get(organization_party(one.id)))

    async def list_mailboxes(self, of: PractitionerId, tx: Transaction) -> Sequence[str]:
        """`Practitioner.mailboxes`, without the rest; none for somebody unknown."""
        if is_staff_id(of) or is_party_id(of):
            person = (await self.get_many([of], tx)).get(of)
            return person.mailboxes if person else ()
        async with self._register_beside(tx) as register:
            return await store.list_mailboxes(register, of)

    def _register_beside(self, tx: Transaction | None) -> AbstractAsyncContextManager[Transaction]:
        """The register in the caller's transaction, or in one of its own where it lies apart, or there is none."""
        return self._register.reading(tx if self._register is self._db else None)

    async def find_by_login(self, login: str) -> Practitioner | None:
        """Whom a name typed on the sign-in page means: RPPS number, secure-mail address, or a staff person's
        identifier or address for notices.
        """
        if (identifier := parse_staff_id(login)) is not None:
            return (await self.get_many([identifier])).get(identifier)
        if "@" not in login:
            return await self.find_by_rpps(login)
        if (found := await self.find_by_mailbox(login)) is not None or not is_address(normalise_address(login)):
            return found
        async with self._db.snapshot() as tx:
            person = await staff_store.find_by_email(tx, normalise_address(login))
        return from_staff(person) if person else None

    async def find_by_rpps(self, rpps: str) -> Practitioner | None:
        """`rpps`: 11 digits, spaces allowed."""
        number = "".join(rpps.split())
        if check_rpps(number) is NumberVerdict.MALFORMED:
            return None
        wanted = practitioner_id(number)
        return (await self.get_many([wanted])).get(wanted)

    async def find_by_mailbox(self, address: str) -> Practitioner | None:
        """The person whose secure-mail address this is, given by us or by the register; upper or lower case."""
        owner = PractitionerId(await self._find_owner(address) or "")
        return (await self.get_many([owner])).get(owner) if owner else None

    async def find_writer(self, address: str) -> Practitioner | None:
        """Who may write to us from this address: the person whose it is, or the establishment with a record here
        whose organisational mailbox it is; nobody if two records bear its FINESS number.
        """
        owner = PractitionerId(await self._find_owner(address) or "")
        if finess := finess_of_owner(owner):
            async with self._db.snapshot() as tx:
                records = await establishment_store.list_by_finess(tx, finess)
            if len(records) != 1:
                return None
            owner = organization_party(records[0])
        return (await self.get_many([owner])).get(owner) if owner else None

    async def _find_owner(self, address: str) -> str | None:
        normalised = normalise_address(address)
        if not is_address(normalised):
            return None
        async with self._db.snapshot() as tx:
            given = await address_store.find_owner(tx, normalised)
        if given is not None:
            return given
        async with self._register.snapshot() as tx:
            return await store.find_owner(tx, normalised)

    async def search(self, text: str, *, specialty: str | None = None, limit: int = 20) -> list[Practitioner]:
        """The people of `find`'s first page, for a text and at most a specialty."""
        page = await self.find(SearchQuery(text=text, specialty=specialty or "", limit=limit))
        return [found.practitioner for found in page.found]

    async def find(self, query: SearchQuery) -> SearchPage:
        """The page of answers that `query` asks for; those on the red list are never among them.

        The same question gets the same answers in the same order until the next import.
        """
        query = query.bounded()
        if not _is_sane(query):
            return SearchPage((), has_more=False)
        shown, entries = await self._search(query)
        page = shown[query.offset : query.offset + query.limit]
        async with self._register.snapshot() as tx:
            people = await store.get_many(tx, [hit.practitioner_id for hit in page], entries)
        found = tuple(
            Found(people[PractitionerId(hit.practitioner_id)], hit.match, hit.distance_km)
            for hit in page
            if hit.practitioner_id in people
        )
        return SearchPage(found, has_more=len(shown) > query.offset + len(page))

    async def _search(self, query: SearchQuery) -> tuple[list[Hit], store.Entries]:
        """Answers through the page and one behind it, if there is one: those on the red list make room for others."""
        asked = replace(query, limit=query.limit + 1)
        while True:
            async with self._register.snapshot() as tx:
                hits = await search_store.search(tx, asked)
            async with self._db.snapshot() as tx:
                entries = await store.get_entries(tx, [hit.practitioner_id for hit in hits])
            shown = [hit for hit in hits if not _is_hidden(PractitionerId(hit.practitioner_id), entries)]
            is_enough = len(shown) > query.offset + query.limit or len(hits) < asked.depth
            if is_enough or asked.depth == MAX_DEPTH:
                return shown, entries
            asked = replace(asked, limit=asked.limit + len(hits) - len(shown))

    async def find_red_listed(self, text: str, *, limit: int = 20) -> RedListed:
        """People on the red list whose name has a word beginning with each word of `text`, in the order of names.

        For technicians, who write the look-up down first (`miss.server.console.red_list`): no public search, export
        or picker may call this.  A text without a letter or a digit finds nobody.
        """
        words = question_words(text)
        if not words:
            return RedListed((), has_more=False)
        named: list[tuple[str, str, PractitionerId]] = []
        after = ""
        while True:
            async with self._db.snapshot() as tx:
                ids = await store.list_red_listed(tx, after, RED_LIST_SLICE)
            async with self._register.snapshot() as tx:
                named += await store.list_named(tx, ids, words)
            if len(ids) < RED_LIST_SLICE:
                break
            after = ids[-1]
        shown = [one for *_, one in sorted(named)[:limit]]
        people = await self.get_many(shown)
        # Somebody may have left the red list since.
        found = tuple(people[one] for one in shown if one in people and people[one].entry.is_red_listed)
        return RedListed(found, has_more=len(named) > limit)

    async def find_communes(self, text: str, limit: int = 10) -> list[Commune]:
        """Towns whose name begins like `text`: for the field of a form."""
        async with self._register.snapshot() as tx:
            return await find_communes(tx, text, min(limit, 50))

    async def list_professions(self) -> list[Coding]:
        """Those the register knows, by label."""
        async with self._register.snapshot() as tx:
            return await store.list_codings(tx, "profession")

    async def list_specialties(self) -> list[Coding]:
        """Those the register knows, by label."""
        async with self._register.snapshot() as tx:
            return await store.list_codings(tx, "specialty")

    async def describe(self, of: PractitionerId, entry: DirectoryEntry, *, by: str) -> None:
        """Say of an entry what the platform knows of it; imports leave that as it is.  Raises PractitionerNotFound."""
        await self.get(of)
        async with self._db.transaction() as tx:
            await self.put_entry(tx, of, entry, by=by)

    async def get_entry(self, tx: Transaction, of: PractitionerId) -> DirectoryEntry:
        """What the platform says of an entry, as the caller's transaction sees it; the defaults if nothing."""
        return (await store.get_entries(tx, [of])).get(of, DirectoryEntry())

    async def put_entry(self, tx: Transaction, of: PractitionerId, entry: DirectoryEntry, *, by: str) -> None:
        """`describe` in the caller's transaction, for an entry that is known to be there."""
        await store.put_entry(tx, of, entry, by, self._clock.now())


def _is_sane(query: SearchQuery) -> bool:
    """Codes are letters and digits; anything else is found nowhere, and a database may refuse to compare it."""
    return all(not code or code.isalnum() for code in (query.specialty, query.profession, query.department))


def _is_hidden(of: PractitionerId, entries: store.Entries) -> bool:
    return of in entries and entries[of].is_red_listed
