"""Every route × every role, from the route table: a route without a row fails, and so does a row without a route.

A row says who may call a route; it is held against what the endpoint declares (`miss.server.web.access`) and against
what the server answers to each role.  Whose affairs a caller may touch is each room's own test: here it is tried that
somebody else's session or passkey does not exist.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import AccountId, OrganizationId, PoolId
from miss.base.random import system_random
from miss.directory.accounts import Account
from miss.directory.practitioners import Practitioner
from miss.directory.roles import PLATFORM, Grant, Principal, Role, Scope, ScopeKind, organization_scope, pool_scope
from miss.directory.roles import practitioner_scope as scope_of_practitioner
from miss.directory.roles.model import SCOPE_OF
from miss.directory.sample import open_mailboxes, open_register
from miss.directory.sign_in import Method, Opened, Visit
from miss.server.app import open_server
from miss.server.doors import Server
from miss.server.service import find_services
from miss.server.web.access import Access, Audience, access_of
from tests.miss.server.running import settings_in
from tests.servers import free_port

ANYONE = Access(Audience.ANYONE)
SIGNED_IN = Access(Audience.SIGNED_IN)
EARLY = Access(Audience.SIGNED_IN, before_second_factor=True)
FRESH = Access(Audience.SIGNED_IN, fresh=True)
EARLY_FRESH = Access(Audience.SIGNED_IN, fresh=True, before_second_factor=True)
COORDINATORS = Access(Audience.SIGNED_IN, frozenset({Role.POOL_COORDINATOR}))
TECHNICIANS_AND_AUDITORS = Access(Audience.SIGNED_IN, frozenset({Role.TECHNICIAN, Role.AUDITOR}))
TECHNICIANS = Access(Audience.SIGNED_IN, frozenset({Role.TECHNICIAN}))
TECHNICIANS_FRESH = Access(Audience.SIGNED_IN, frozenset({Role.TECHNICIAN}), fresh=True)
EXPORTERS = Access(Audience.SIGNED_IN, frozenset({Role.ESTABLISHMENT_ADMINISTRATOR, Role.TECHNICIAN}), fresh=True)
KEEPERS = Access(Audience.SIGNED_IN, EXPORTERS.roles)
KEEPERS_FRESH = EXPORTERS

NOBODY = AccountId(b"t" * 16)
DEVICES = "/api/chat/"
"""The chat's doors ask for a device's token or a proof of their own: no session of the pages opens one."""
MACHINE_DOORS = (DEVICES, "/scim/v2/")
"""SCIM asks for an establishment's token."""
MACHINES = {"GET /health", "GET /metrics", "GET /static/{owner}/{digest}/{name:path}"}

ROWS = {
    "GET /": ANYONE,
    "POST /langue/{language}": ANYONE,
    "GET /connexion": ANYONE,
    "POST /connexion": ANYONE,
    "POST /connexion/deverrouillage": ANYONE,
    "POST /connexion/cle/options": ANYONE,
    "POST /connexion/cle": ANYONE,
    "GET /connexion/second-facteur": ANYONE,
    "POST /connexion/second-facteur": ANYONE,
    "POST /deconnexion": ANYONE,
    "GET /activation": ANYONE,
    "POST /activation": ANYONE,
    "POST /mot-de-passe/estimation": ANYONE,
    "GET /mot-de-passe-oublie": ANYONE,
    "POST /mot-de-passe-oublie": ANYONE,
    "GET /mot-de-passe-oublie/nouveau": ANYONE,
    "POST /mot-de-passe-oublie/nouveau": ANYONE,
    "GET /connexion/psc": ANYONE,
    "GET /connexion/psc/retour": ANYONE,
    "GET /compte/confirmation/psc": EARLY,
    "POST /verrouillage": EARLY,
    "GET /compte": SIGNED_IN,
    "GET /compte/sessions": EARLY,
    "POST /compte/sessions/fin": EARLY,
    "POST /compte/sessions/partout": EARLY,
    "POST /compte/sessions/{session}/fin": EARLY,
    "GET /compte/securite": EARLY,
    "GET /compte/securite/mot-de-passe": EARLY,
    "POST /compte/securite/mot-de-passe": EARLY,
    "GET /compte/securite/application": EARLY_FRESH,
    "POST /compte/securite/application": EARLY_FRESH,
    "POST /compte/securite/application/retrait": FRESH,
    "POST /compte/securite/cles/options": EARLY_FRESH,
    "POST /compte/securite/cles": EARLY_FRESH,
    "POST /compte/securite/cles/{key}/retrait": FRESH,
    "POST /compte/securite/codes": FRESH,
    "GET /compte/confirmation": EARLY,
    "POST /compte/confirmation": EARLY,
    "POST /compte/confirmation/cle/options": EARLY,
    "POST /compte/confirmation/cle": EARLY,
    "GET /compte/fiche": SIGNED_IN,
    "POST /compte/fiche": SIGNED_IN,
    "POST /compte/fiche/retrait": SIGNED_IN,
    "GET /compte/notifications": SIGNED_IN,
    "POST /compte/notifications": SIGNED_IN,
    "GET /compte/blocages": SIGNED_IN,
    "POST /compte/blocages": SIGNED_IN,
    "POST /compte/blocages/{block}/retrait": SIGNED_IN,
    "GET /compte/absences": SIGNED_IN,
    "POST /compte/absences": SIGNED_IN,
    "POST /compte/absences/{absence}/retrait": SIGNED_IN,
    "GET /compte/donnees": SIGNED_IN,
    "POST /compte/donnees": FRESH,
    "GET /compte/consultations": SIGNED_IN,
    "GET /console/propositions": TECHNICIANS,
    "GET /console/propositions/{proposal}": TECHNICIANS,
    "POST /console/propositions/{proposal}/acceptation": TECHNICIANS,
    "POST /console/propositions/{proposal}/refus": TECHNICIANS,
    "GET /compte/appareils": SIGNED_IN,
    "POST /compte/appareils/recuperation": FRESH,
    "GET /annuaire": SIGNED_IN,
    "GET /annuaire/resultats": SIGNED_IN,
    "GET /annuaire/exports": EXPORTERS,
    "GET /annuaire/{practitioner}": SIGNED_IN,
    "GET /annuaire/{practitioner}/carte.vcf": SIGNED_IN,
    "POST /annuaire/{practitioner}/signalement": SIGNED_IN,
    "GET /api/directory/v1/openapi.json": ANYONE,
    "GET /api/directory/v1/practitioners": SIGNED_IN,
    "GET /api/directory/v1/practitioners/{id}": SIGNED_IN,
    "GET /api/directory/v1/organizations": SIGNED_IN,
    "GET /api/directory/v1/organizations/{id}": SIGNED_IN,
    "GET /api/directory/v1/codings/{kind}": SIGNED_IN,
    "GET /api/directory/v1/export/{format}": EXPORTERS,
    "GET /api/directory/v1/changes": EXPORTERS,
    "GET /console/signalements": TECHNICIANS,
    "POST /console/signalements/{mistake}": TECHNICIANS,
    "GET /inscription": ANYONE,
    "POST /inscription": ANYONE,
    "GET /inscription/recue": ANYONE,
    "GET /inscription/suivi/{token}": ANYONE,
    "POST /inscription/suivi/{token}/pieces": ANYONE,
    "POST /inscription/suivi/{token}/reponse": ANYONE,
    "GET /inscription/suivi/{token}/retrait": ANYONE,
    "POST /inscription/suivi/{token}/retrait": ANYONE,
    "GET /engagements": EARLY,
    "POST /engagements": EARLY,
    "GET /engagements/{document}": ANYONE,
    "GET /attestation": ANYONE,
    "GET /attestation/{number}": ANYONE,
    "GET /compte/attestation.pdf": SIGNED_IN,
    "GET /console/inscriptions": TECHNICIANS,
    "GET /console/inscriptions/{registration}": TECHNICIANS,
    "GET /console/inscriptions/{registration}/pieces/{evidence}": TECHNICIANS,
    "POST /console/inscriptions/{registration}/prise-en-charge": TECHNICIANS,
    "POST /console/inscriptions/{registration}/complement": TECHNICIANS,
    "POST /console/inscriptions/{registration}/refus": TECHNICIANS,
    "GET /console/inscriptions/{registration}/reunion": TECHNICIANS,
    "POST /console/inscriptions/{registration}/reunion": TECHNICIANS,
    "GET /console/inscriptions/{registration}/approbation": TECHNICIANS_FRESH,
    "POST /console/inscriptions/{registration}/approbation": TECHNICIANS_FRESH,
    "POST /console/inscriptions/{registration}/lettre": TECHNICIANS_FRESH,
    "GET /compte/depart": SIGNED_IN,
    "POST /compte/depart": FRESH,
    "POST /compte/depart/{retirement}/retrait": FRESH,
    "GET /console": TECHNICIANS,
    "GET /console/comptes/{uid}/adresses": TECHNICIANS,
    "POST /console/comptes/{uid}/adresses": TECHNICIANS_FRESH,
    "GET /console/flux": TECHNICIANS,
    "GET /console/statistiques": TECHNICIANS_AND_AUDITORS,
    "GET /console/statistiques.csv": TECHNICIANS_AND_AUDITORS,
    "GET /console/comptes": TECHNICIANS,
    "GET /console/comptes/{uid}": TECHNICIANS,
    "POST /console/comptes/{uid}/code": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/suspension": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/reprise": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/fermeture": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/roles": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/roles/retrait": TECHNICIANS_FRESH,
    "POST /console/comptes/{uid}/depart": TECHNICIANS_FRESH,
    "GET /console/departs": TECHNICIANS,
    "GET /console/departs/{retirement}": TECHNICIANS,
    "POST /console/departs/{retirement}/approbation": TECHNICIANS_FRESH,
    "POST /console/departs/{retirement}/retrait": TECHNICIANS_FRESH,
    "GET /console/incidents": TECHNICIANS,
    "POST /console/incidents": TECHNICIANS,
    "GET /console/incidents/{incident}": TECHNICIANS,
    "POST /console/incidents/{incident}": TECHNICIANS,
    "GET /incidents": ANYONE,
    "GET /incidents.atom": ANYONE,
    "POST /incidents/abonnement": ANYONE,
    "GET /incidents/abonnement/confirmation": ANYONE,
    "POST /incidents/abonnement/confirmation": ANYONE,
    "GET /incidents/abonnement/fin": ANYONE,
    "POST /incidents/abonnement/fin": ANYONE,
    "GET /etablissement": KEEPERS,
    "GET /etablissement/{organization}": KEEPERS,
    "GET /etablissement/{organization}/personnel.csv": KEEPERS,
    "GET /etablissement/{organization}/personnel/nouveau": KEEPERS,
    "POST /etablissement/{organization}/personnel/nouveau": KEEPERS,
    "POST /etablissement/{organization}/personnel/ensemble": KEEPERS,
    "GET /etablissement/{organization}/personnel/{member}": KEEPERS,
    "POST /etablissement/{organization}/personnel/{member}": KEEPERS,
    "POST /etablissement/{organization}/personnel/{member}/retrait": KEEPERS,
    "GET /etablissement/{organization}/fichier": KEEPERS,
    "POST /etablissement/{organization}/fichier": KEEPERS,
    "GET /etablissement/{organization}/fichier/{upload}": KEEPERS,
    "POST /etablissement/{organization}/fichier/{upload}/confirmation": KEEPERS,
    "POST /etablissement/{organization}/fichier/{upload}/abandon": KEEPERS,
    "GET /etablissement/{organization}/fiche": KEEPERS,
    "POST /etablissement/{organization}/fiche": KEEPERS,
    "GET /etablissement/{organization}/services": KEEPERS,
    "POST /etablissement/{organization}/services": KEEPERS,
    "POST /etablissement/{organization}/services/{unit}": KEEPERS,
    "POST /etablissement/{organization}/services/{unit}/retrait": KEEPERS,
    "GET /etablissement/{organization}/jetons": KEEPERS,
    "POST /etablissement/{organization}/jetons": KEEPERS_FRESH,
    "POST /etablissement/{organization}/jetons/{token}/revocation": KEEPERS_FRESH,
    "GET /console/etablissements": TECHNICIANS,
    "POST /console/etablissements": TECHNICIANS,
    "GET /console/etablissements/{organization}": TECHNICIANS,
    "POST /console/etablissements/{organization}": TECHNICIANS,
    "POST /console/etablissements/{organization}/administrateurs": TECHNICIANS_FRESH,
    "POST /console/etablissements/{organization}/administrateurs/{uid}/retrait": TECHNICIANS_FRESH,
    "GET /teleexpertise/": SIGNED_IN,
    "GET /teleexpertise/avis": SIGNED_IN,
    "GET /teleexpertise/avis/{number}/termine": SIGNED_IN,
    "GET /teleexpertise/coordination": COORDINATORS,
    "GET /teleexpertise/demandes": SIGNED_IN,
    "GET /teleexpertise/demandes/nouvelle": SIGNED_IN,
    "POST /teleexpertise/demandes/nouvelle": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/accepter": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/ajouter": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/annuler": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/apercu": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/completer": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/completer": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/decliner": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/envoyer": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/pieces/{ref}": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/repondre": SIGNED_IN,
    "POST /teleexpertise/demandes/{number}/repondre": SIGNED_IN,
    "GET /teleexpertise/demandes/{number}/reponse.json": SIGNED_IN,
}
REFUSALS = {"sign_in_needed", "not_your_role", "step_up_needed", "second_factor_needed"}


def table(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, Route]]:
    """`METHOD path` of every HTTP route, mounts included."""
    for route in routes:
        if isinstance(route, Mount):
            yield from table(list(route.routes), prefix + route.path)
        elif isinstance(route, Route):
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                yield f"{method} {prefix}{route.path}", route
        else:
            assert isinstance(route, WebSocketRoute), f"what is {route}?"
            assert route.path.startswith(DEVICES)


@dataclass
class Stage:
    """A server without its doors, and one person for each role."""

    server: Server
    people: dict[Role | None, Account]

    async def open(self, account: Account, method: Method = Method.PASSKEY) -> str:
        """The token of a fresh session."""
        house = self.server.house
        async with house.db.transaction() as tx:
            opened: Opened = await house.sign_in.sessions.open(tx, account, method, Visit())
        return opened.token

    async def call(self, row: str, token: str = "", **values: str) -> tuple[int, str]:
        """Status and code of the answer to a program, which is sent to no other page."""
        method, path = row.split(" ")
        path = re.sub(r"\{([^}]+)\}", lambda name: values.get(name[1], "x"), path)
        origin = self.server.house.settings.public_origin
        cookies = {"miss": token} if token else {}
        transport = httpx.ASGITransport(self.server.app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=origin, cookies=cookies) as http:
            answer = await http.request(method, path, headers={"Origin": origin, "Accept": "application/json"})
        is_json = answer.headers.get("content-type", "").startswith(("application/json", "application/problem+json"))
        said = answer.json() if is_json else {}
        return answer.status_code, said.get("code", "") if isinstance(said, dict) else ""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    clock = MovableClock(SystemClock().now())
    secret = tmp_path / "psc.secret"
    secret.write_text("fictif")
    settings = settings_in(
        tmp_path,
        psc_issuer=f"http://127.0.0.1:{free_port()}",
        psc_client_id="miss",
        psc_client_secret_file=secret,
        http_sign_ins_per_min=100_000,
    )
    server = await open_server(settings, clock, system_random, find_services())
    house = server.house
    with open_register() as lines:
        await house.practitioners.import_register(lines)
    with open_mailboxes() as lines:
        await house.practitioners.import_mailboxes(lines)
    people: dict[Role | None, Account] = {}
    try:
        for role, practitioner in zip((None, *Role), await _practitioners(server), strict=False):
            account = await house.accounts.open(practitioner.id, by="test")
            people[role] = await house.accounts.verify(account.uid, "test")
        assert set(people) == {None, *Role}
        stage = Stage(server, people)
        await _grant_all(stage)
        yield stage
    finally:
        await server.close()


async def _practitioners(server: Server) -> list[Practitioner]:
    with open_register() as lines:
        numbers = dict.fromkeys(re.findall(r"\b999\d{8}\b", b"".join(lines).decode()))
    found = [await server.house.practitioners.find_by_rpps(number) for number in numbers]
    return [person for person in found if person is not None]


async def _grant_all(stage: Stage) -> None:
    house = stage.server.house
    technician = Principal(NOBODY, frozenset({Grant(NOBODY, Role.TECHNICIAN, PLATFORM)}))
    practitioner = stage.people[Role.PRACTITIONER]
    scopes: dict[ScopeKind, Scope] = {
        ScopeKind.PRACTITIONER: scope_of_practitioner(practitioner.practitioner_id),
        ScopeKind.ORGANIZATION: organization_scope(OrganizationId("o1")),
        ScopeKind.POOL: pool_scope(PoolId("q1")),
        ScopeKind.PLATFORM: PLATFORM,
    }
    for role in Role:
        actor = technician
        if role is Role.SECRETARY:
            actor = Principal(practitioner.uid, await house.roles.of(practitioner))
        await house.roles.grant(actor, stage.people[role].uid, role, scopes[SCOPE_OF[role]])


def pages(stage: Stage) -> dict[str, Route]:
    """The routes that people call."""
    return {
        row: route
        for row, route in table(list(stage.server.app.routes))
        if row not in MACHINES and not row.partition(" ")[2].startswith(MACHINE_DOORS)
    }


async def test_every_route_has_a_row_and_declares_what_the_row_says(stage: Stage) -> None:
    found = pages(stage)
    assert set(found) == set(ROWS), "a route without a row, or a row without a route"
    assert {row: access_of(route.endpoint) for row, route in found.items()} == ROWS


async def test_every_role_gets_through_where_its_row_says_so_and_nowhere_else(stage: Stage) -> None:
    for row, access in ROWS.items():
        _, refused = await stage.call(row)
        assert (refused == "sign_in_needed") is (access.audience is Audience.SIGNED_IN), row
        for role, account in stage.people.items():
            if access == ANYONE:
                continue
            status, code = await stage.call(row, await stage.open(account))
            if access.roles and role not in access.roles:
                assert (status, code) == (403, "not_your_role"), (row, role)
            else:
                assert code not in REFUSALS, (row, role)
                assert status < 500 or (status, row.endswith("/psc")) == (503, True), (row, role)


async def test_sensitive_routes_ask_who_one_is_again(stage: Stage) -> None:
    clock = stage.server.house.clock
    assert isinstance(clock, MovableClock)
    for row, access in ROWS.items():
        token = await stage.open(stage.people[min(access.roles, default=Role.PRACTITIONER)])
        clock.advance(timedelta(minutes=10))
        _, code = await stage.call(row, token)
        assert (code == "step_up_needed") is access.fresh, row


async def test_before_the_second_factor_only_what_adds_one_is_open(tmp_path: Path, stage: Stage) -> None:
    stage.server.house.sign_in.sessions._second_factor_required = True
    for row, access in ROWS.items():
        token = await stage.open(stage.people[Role.PRACTITIONER], Method.PASSWORD)
        _, code = await stage.call(row, token)
        is_closed = access.audience is Audience.SIGNED_IN and not access.before_second_factor
        assert (code == "second_factor_needed") is is_closed, row


async def test_no_session_of_the_pages_opens_a_door_for_machines(stage: Stage) -> None:
    token = await stage.open(stage.people[Role.TECHNICIAN])
    tried = 0
    for row, _ in table(list(stage.server.app.routes)):
        if row.partition(" ")[2].startswith(MACHINE_DOORS):
            status, _ = await stage.call(row, token)
            assert 400 <= status < 500, row
            tried += 1
    assert tried > 10


async def test_a_locked_session_is_no_session(stage: Stage) -> None:
    token = await stage.open(stage.people[Role.PRACTITIONER])
    await stage.server.house.sign_in.sessions.lock(token)
    for row, access in ROWS.items():
        if access.audience is Audience.SIGNED_IN:
            assert (await stage.call(row, token))[1] == "sign_in_needed", row


async def test_what_is_somebody_elses_does_not_exist(stage: Stage) -> None:
    sessions = stage.server.house.sign_in.sessions
    theirs = await stage.open(stage.people[Role.AUDITOR])
    [session] = await sessions.list_(stage.people[Role.AUDITOR])
    for role in (Role.PRACTITIONER, Role.TECHNICIAN):
        token = await stage.open(stage.people[role])
        status, _ = await stage.call("POST /compte/sessions/{session}/fin", token, session=session.id)
        assert status == 404
        status, _ = await stage.call("POST /compte/securite/cles/{key}/retrait", token, key="ab" * 32)
        assert status == 404
    assert await sessions.find(theirs) is not None


async def test_a_role_that_is_taken_back_closes_its_pages_at_once(stage: Stage) -> None:
    coordinator, roles = stage.people[Role.POOL_COORDINATOR], stage.server.house.roles
    token = await stage.open(coordinator)
    assert (await stage.call("GET /teleexpertise/coordination", token))[0] == 200
    actor = Principal(coordinator.uid, await roles.of(coordinator))
    await roles.take_back(actor, coordinator.uid, Role.POOL_COORDINATOR, pool_scope(PoolId("q1")))
    assert (await stage.call("GET /teleexpertise/coordination", token))[1] == "not_your_role"
