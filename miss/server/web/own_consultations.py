"""« Mon compte → Qui a consulté mes données »: the access log's entries about somebody, in plain words.

The log (ADR 32) keeps acts and identifiers; names are looked up when the page is shown.  What a person did themselves
is left out unless they ask for it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Text
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import SYSTEM, AuditLog, Subject, practitioner_actor
from miss.directory.practitioners import Practitioners
from miss.server.act_names import name_act, verbatim
from miss.server.web.access import require_signed_in, signed_in
from miss.server.web.front import Front

CONSULTATIONS_PATH: Final = "/compte/consultations"
PAGE: Final = 50
_UID_DIGITS: Final = 32
_PRACTITIONER: Final = practitioner_actor(PractitionerId(""))
_YOU: Final = Text(fr="Vous", en="You")
_PLATFORM: Final = Text(fr="La plateforme", en="The platform")
_OPERATOR: Final = Text(fr="L’exploitant de la plateforme", en="The platform’s operator")
_STRANGER: Final = Text(fr="Quelqu’un qui n’était pas identifié", en="Somebody who was not identified")
_GONE: Final = Text(fr="Une personne qui n’est plus dans l’annuaire", en="Somebody no longer in the directory")


@dataclass(frozen=True, slots=True)
class Consultation:
    """One line: who did what, and when."""

    at: datetime
    who: Text
    what: Text


@dataclass(frozen=True, slots=True)
class OwnJournal:
    """The log as it is told to whom it is about."""

    audit: AuditLog
    accounts: Accounts
    practitioners: Practitioners

    async def read(
        self, account: Account, *, with_own: bool = False, cursor: str = "", limit: int = PAGE
    ) -> tuple[list[Consultation], str]:
        """Some lines, newest first, and the cursor of those that follow.  Raises AuditCursorUnknown."""
        own = (account.uid.hex(), practitioner_actor(account.practitioner_id))
        page = await self.audit.list_about(
            [Subject.account(account.uid), Subject.practitioner(account.practitioner_id)],
            not_by=() if with_own else own,
            limit=limit,
            cursor=cursor,
        )
        facts = [entry.fact for entry in page.entries if entry.fact]
        names = await self._names({fact.actor for fact in facts}) | dict.fromkeys(own, _YOU)
        lines = [
            Consultation(fact.at, names.get(fact.actor) or _name(fact.actor), name_act(fact.act)) for fact in facts
        ]
        return lines, page.cursor

    async def _names(self, actors: Collection[str]) -> dict[str, Text]:
        """What each of `actors` who is a person is called."""
        uids = {actor: uid for actor in actors if (uid := _uid(actor))}
        accounts = await self.accounts.get_many(set(uids.values()))
        ids = {actor: accounts[uid].practitioner_id for actor, uid in uids.items() if uid in accounts}
        ids |= {actor: PractitionerId(actor.removeprefix(_PRACTITIONER)) for actor in _starting(actors, _PRACTITIONER)}
        people = await self.practitioners.get_many(set(ids.values()))
        called = {id_: verbatim(person.display_name) for id_, person in people.items()}
        return {actor: Text(fr=called[id_], en=called[id_]) if id_ in called else _GONE for actor, id_ in ids.items()}


@dataclass(frozen=True, slots=True)
class OwnConsultationPages:
    """The page of it."""

    front: Front
    journal: OwnJournal
    kept_months: int

    def routes(self) -> list[BaseRoute]:
        """Its one route."""
        return [Route(CONSULTATIONS_PATH, self.show, methods=["GET"])]

    @signed_in
    async def show(self, request: Request) -> Response:
        asked = request.query_params
        with_own = asked.get("tout") == "1"
        lines, cursor = await self.journal.read(
            require_signed_in(request).account, with_own=with_own, cursor=asked.get("avant", "")
        )
        shown = {
            "lines": lines,
            "cursor": cursor,
            "with_own": with_own,
            "is_first": not asked.get("avant"),
            "kept_months": self.kept_months,
        }
        return await self.front.show(request, "own_consultations.html", shown)


def _name(actor: str) -> Text:
    """Who is no person of the directory."""
    if not actor:
        return _STRANGER
    if actor == SYSTEM:
        return _PLATFORM
    if actor == "cli" or actor.startswith("cli:"):
        return _OPERATOR
    if _uid(actor):
        return _GONE
    return Text(fr=f"Un logiciel ({verbatim(actor)})", en=f"A program ({verbatim(actor)})")


def _uid(actor: str) -> AccountId | None:
    """The account that an actor is; None: it is none."""
    if len(actor) != _UID_DIGITS:
        return None
    try:
        return AccountId(bytes.fromhex(actor))
    except ValueError:
        return None


def _starting(actors: Iterable[str], prefix: str) -> Iterable[str]:
    return (actor for actor in actors if actor.startswith(prefix))
