"""Every route × every role × another tenant, from the route table: what is somebody else's does not exist.

A route whose path names an object is asked for one of another establishment or person, by each role of this one: the
answer is the very one that an identifier gets which was never given, while who it belongs to gets through.
"""

import re
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
import pytest_asyncio

from miss.directory.establishments.tokens import ApiTokens, TokenScope
from miss.directory.roles import ScopeKind
from miss.directory.roles.model import SCOPE_OF
from tests.miss.server.matrix import OWN_ORGANIZATION, Callers, Stage, code_of, open_stage, table
from tests.miss.server.tenants import OTHER, Others, Theirs, open_others
from tests.miss.server.test_authorisation_matrix import ROWS

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODYS = {
    "langue {language}": "a language",
    "engagements {document}": "a text that everybody may read",
    "annuaire {practitioner}": "whoever is signed in may look people up; each reading is told to whom it concerns",
    "api {id}": "as above",
    "api {kind}": "a list of the register",
    "api {format}": "a file of what everybody may look up",
    "attestation {number}": "whoever was handed the paper may check it",
    "teleexpertise {form}": "a form that everybody may read",
    "teleexpertise {secret}": "the address is the secret",
    "teleexpertise {practitioner}": "whom one has named in one's own list",
    "inscription {token}": "the token is the secret: who has the link is the applicant",
}
"""What a path names and belongs to nobody, or to who knows it."""
ANOTHER_TIME = {
    "GET /etablissement/{organization}/habillage/logo": "there once one was given",
    "GET /teleexpertise/avis/{number}/termine": "asks how it ended, and says nothing of the request",
    "GET /teleexpertise/demandes/{number}/reponse.json": "there once there is an answer",
    "GET /teleexpertise/demandes/{number}/apercu": "there once an answer is complete",
    "POST /teleexpertise/demandes/{number}/envoyer": "as above",
    "POST /teleexpertise/demandes/{number}/patient": "a draft's",
    "POST /teleexpertise/demandes/{number}/rendez-vous": "there where the requester allowed it",
    "POST /teleexpertise/demandes/{number}/rendez-vous/{appointment}/accepter": "there once one is proposed",
    "POST /teleexpertise/demandes/{number}/rendez-vous/{appointment}/decliner": "as above",
    "GET /teleexpertise/secondes-lectures/{reading}": "there once one is asked for",
    "GET /teleexpertise/secondes-lectures/{reading}/photos/{rank}": "as above",
    "POST /teleexpertise/secondes-lectures/{reading}/rendre": "as above",
    "POST /teleexpertise/secondes-lectures/{reading}/decliner": "as above",
    "POST /compte/secretariat/{invitation}/fin": "there once it has become a mandate",
    "POST /etablissement/{organization}/acces/{invitation}/fin": "as above",
    "POST /etablissement/{organization}/acces/mandat/fin": "names somebody, who has no mandate yet",
    "POST /etablissement/{organization}/acces/mandat/praticien": "as above",
    "POST /mouvements/{organization}/{movement}/rappel": "there once a doctor was told",
    "POST /mouvements/{organization}/{movement}/reprise": "there once it was set aside",
    "POST /teleexpertise/groupes/{pool}/membres": "names somebody to take in",
    "POST /teleexpertise/groupes/{pool}/annuler": "there once something can be undone",
    "POST /api/teleexpertise/v1/requests/{number}/decline": "asks for its body first, whosever the request is",
    "POST /api/teleexpertise/v1/requests/{number}/question": "as above",
    "PUT /api/teleexpertise/v1/requests/{number}/answer": "as above",
    "GET /api/teleexpertise/v1/requests/{number}/draft": "a draft's",
    "PUT /api/teleexpertise/v1/requests/{number}/draft": "asks for its body first",
    "POST /api/teleexpertise/v1/requests/{number}/draft/files": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/words": "as above",
    "GET /api/teleexpertise/v1/requests/{number}/question": "there once something is asked",
    "POST /api/teleexpertise/v1/requests/{number}/survey": "asks for its body first",
    "POST /api/teleexpertise/v1/requests/{number}/referral": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/reply": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/answer/files": "as above",
    "GET /api/teleexpertise/v1/requests/{number}/answer/preview": "there once an answer is complete",
    "GET /api/teleexpertise/v1/requests/{number}/correction": "there once there is an answer",
    "PUT /api/teleexpertise/v1/requests/{number}/correction": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/correction/files": "as above",
    "GET /api/teleexpertise/v1/requests/{number}/correction/preview": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/correction/send": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/correction/discard": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/second-readings": "asks for its body first",
    "POST /api/teleexpertise/v1/requests/{number}/appointments": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/appointments/{appointment}/accept": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/appointments/{appointment}/decline": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/steering/give": "asks for its body first",
    "POST /api/teleexpertise/v1/requests/{number}/steering/move": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/steering/take-back": "as above",
    "POST /api/teleexpertise/v1/requests/{number}/break-glass": "as above",
    "GET /api/teleexpertise/v1/second-readings/{reading}": "there once one is asked for",
    "GET /api/teleexpertise/v1/second-readings/{reading}/photos/{rank}": "as above",
    "POST /api/teleexpertise/v1/second-readings/{reading}/opinion": "as above",
    "POST /api/teleexpertise/v1/second-readings/{reading}/decline": "as above",
}
"""What is not there yet, for whom it belongs to either: their rooms' own tests go through it."""
ENDING = [
    "POST /teleexpertise/groupes/{pool}/membres/{practitioner}",
    "POST /teleexpertise/demandes/{number}/decliner",
    "POST /teleexpertise/demandes/{number}/annuler",
    "POST /api/teleexpertise/v1/requests/{number}/cancel",
]
"""Called last: a request is dear to make, and over then; so is an expert out of turn."""
_SCIM = "urn:ietf:params:scim:"
_CHANGE = {"schemas": [f"{_SCIM}api:messages:2.0:PatchOp"], "Operations": [{"op": "remove", "path": "externalId"}]}
SAID = {
    ("PUT", "Users"): {
        "schemas": [f"{_SCIM}schemas:core:2.0:User"],
        "userName": "obuvard",
        "name": {"familyName": "Buvard", "givenName": "Odile"},
    },
    ("PUT", "Groups"): {"schemas": [f"{_SCIM}schemas:core:2.0:Group"], "displayName": "Accueil"},
    ("PATCH", "Users"): _CHANGE,
    ("PATCH", "Groups"): _CHANGE,
}
"""Bodies that SCIM understands."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def others(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Others]:
    async with open_stage(tmp_path_factory.mktemp("tenants")) as stage:
        yield await open_others(stage)


def place_of(row: str) -> str:
    """`teleexpertise {number} {ref}`: the area of a route and what its path names; only the area: nothing."""
    path = row.partition(" ")[2]
    return " ".join([path.split("/")[1], *re.findall(r"\{[^}:]+\}", path)])


async def test_every_route_that_names_something_says_whose_it_is(others: Others) -> None:
    places = {place for place in map(place_of, others.stage.pages()) if "{" in place}
    known = {*others.makers(), *NOBODYS}
    assert not places - known, "whose is it? a line in NOBODYS or Others.makers"
    assert not known - places, "there is no such route any more"


async def test_what_is_another_tenants_does_not_exist_and_is_there_for_them(others: Others) -> None:
    makers = others.makers()
    with others.stage.remembering():
        callers = Callers(others.stage)
        for row in sorted(ROWS, key=lambda row: ENDING.index(row) if row in ENDING else -1):
            if make := makers.get(place_of(row)):
                await _try(row, await make(), others.stage, callers)


async def _try(row: str, theirs: Theirs, stage: Stage, callers: Callers) -> None:
    *_, last = theirs.values
    over_all = {role for role in ROWS[row].roles if SCOPE_OF[role] is ScopeKind.PLATFORM}
    strange = {**theirs.values, last: _never_given(theirs.values[last])}
    seen: set[tuple[int, str]] = set()
    for role, account in stage.people.items():
        if role in over_all:
            continue
        met = await callers.call(row, account, theirs.values, theirs.form)
        # 400: what was said is no body, and nothing was looked up.
        assert met.status_code in (400, 403, 404), (row, role, met.status_code)
        assert _told(met, theirs.values) == _told(await callers.call(row, account, strange, theirs.form), strange), (
            row,
            role,
        )
        seen.add((met.status_code, code_of(met)))
        if len(theirs.values) > 1 and "organization" in theirs.values:
            # Their object under one's own establishment: nothing is there, nothing happens to it.
            mixed, none = ({**values, "organization": OWN_ORGANIZATION} for values in (theirs.values, strange))
            met = await callers.call(row, account, mixed, theirs.form)
            assert _told(met, mixed) == _told(await callers.call(row, account, none, theirs.form), none), (row, role)
    if row in ANOTHER_TIME:
        return
    answers = []
    for account in (*theirs.owners, *(stage.people[role] for role in over_all)):
        answer = await callers.call(row, account, theirs.values, theirs.form)
        answers.append((answer.status_code, code_of(answer)))
    assert any(answer not in seen and answer[0] not in (403, 404) for answer in answers), (row, answers)


def _never_given(identifier: str) -> str:
    """One like it: as long, of the same letters."""
    return identifier[:-1] + ("1" if identifier[-1] == "0" else "0")


def _told(answer: httpx.Response, values: Mapping[str, str]) -> tuple[int, str]:
    """What an answer tells, whatever was asked for."""
    text = answer.text
    for value in sorted(values.values(), key=len, reverse=True):
        text = text.replace(value, "…")
    return answer.status_code, text


async def test_an_establishments_token_opens_no_other_establishment(others: Others) -> None:
    house = others.stage.server.house
    tokens = ApiTokens(house.db, house.clock, house.random_bytes)
    makers = {"Users": others.member, "Groups": others.unit}
    scim = frozenset({TokenScope.SCIM})
    own, right = [(await tokens.issue(one, scim, "Essai", "test")).token for one in (OWN_ORGANIZATION, OTHER)]
    tried = 0
    for row, _ in table(list(others.stage.server.app.routes)):
        method, _, path = row.partition(" ")
        kind = path.removeprefix("/scim/v2/").removesuffix("/{id}")
        if not path.startswith("/scim/v2/") or kind not in makers or "{id}" not in path:
            continue

        async def ask(token: str, identifier: str, method: str = method, kind: str = kind) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}"}
            body = SAID.get((method, kind))
            return await others.stage.http.request(method, f"/scim/v2/{kind}/{identifier}", headers=headers, json=body)

        *_, identifier = (await makers[kind]()).values.values()
        strange = _never_given(identifier)
        met, unknown = await ask(own, identifier), await ask(own, strange)
        assert _told(met, {"id": identifier}) == _told(unknown, {"id": strange}), row
        assert met.status_code in (404, 405), row
        assert (await ask(right, identifier)).status_code not in (401, 403, 404) or met.status_code == 405, row
        tried += 1
    assert tried >= 8
