"""Care teams that belong to an establishment.  Anne and Karim practise at the hospital, Paul and Hugo do not."""

import pytest
from sqlalchemy import text

from miss.protocol.crypto.commits import Commit, Policy, Role
from miss.protocol.crypto.membership import Author, compose_commit
from miss.storage import Database
from tests.miss.chat.kit import EACH_DATABASE, Member, Process, Refused, post
from tests.miss.chat.world import World

HOSPITAL = "599990009"
LABORATORY = "599990033"


class Teams:
    """Commits of any shape."""

    def __init__(self, process: Process, world: World) -> None:
        self.process = process
        self.world = world

    async def commit(
        self, by: Member, roles: dict[str, Role], policy: Policy, previous: Commit | None = None
    ) -> Commit:
        members = {getattr(self.world, name).uid: role for name, role in roles.items()}
        chains = {uid: await by.chain_of(self.process, uid) for uid in members}
        commit, _ = compose_commit(
            author=Author(by.uid, by.did, by.keys),
            members=members,
            policy=policy,
            chains=chains,
            random_bytes=self.world.place.random_bytes,
            previous=previous,
        )
        await post(self.process, "commits", {"commit": commit.to_bytes()}, by.token(self.process))
        return commit


async def refusal(asked: object) -> Refused:
    with pytest.raises(Refused) as refused:
        await asked  # type: ignore[misc]
    return refused.value


@pytest.fixture
def teams(process: Process, world: World) -> Teams:
    return Teams(process, world)


OWNED = Policy(owner=HOSPITAL)
BOTH = {"anne": Role.ADMIN, "paul": Role.MEMBER}


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_team_is_founded_by_somebody_of_the_house(teams: Teams, world: World) -> None:
    await teams.commit(world.anne, BOTH, OWNED)
    for by, name in ((world.paul, "paul"), (world.hugo, "hugo")):
        refused = await refusal(teams.commit(by, {name: Role.ADMIN, "anne": Role.ADMIN}, OWNED))
        assert (refused.status, refused.code, refused.params["owner"]) == (403, "owner_refused", HOSPITAL)
        assert HOSPITAL in refused.text
    await teams.commit(world.hugo, {"hugo": Role.ADMIN}, Policy(owner=LABORATORY))


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_it_keeps_an_admin_of_the_house(teams: Teams, world: World) -> None:
    first = await teams.commit(world.anne, BOTH, OWNED)
    shared = await teams.commit(
        world.anne, {"anne": Role.ADMIN, "paul": Role.ADMIN, "karim": Role.MEMBER}, OWNED, first
    )
    for roles in (
        {"paul": Role.ADMIN},
        {"paul": Role.ADMIN, "anne": Role.MEMBER, "karim": Role.MEMBER},
        {"paul": Role.ADMIN, "hugo": Role.ADMIN, "karim": Role.MEMBER},
    ):
        refused = await refusal(teams.commit(world.paul, roles, OWNED, shared))
        assert (refused.status, refused.code) == (409, "owner_needs_admin")
    # An admin from outside may change it, as long as the house keeps one of its own.
    await teams.commit(world.paul, {"paul": Role.ADMIN, "karim": Role.ADMIN}, OWNED, shared)


async def test_anybody_may_renew_the_secret_even_when_the_house_has_no_admin_left(
    teams: Teams, world: World, db: Database
) -> None:
    first = await teams.commit(world.anne, BOTH, OWNED)
    async with db.transaction() as tx:
        # Anne has left the hospital, says the next extraction of the register.
        await (await tx.connection()).execute(text("UPDATE register_site SET finess = '000000000'"))
    second = await teams.commit(world.paul, BOTH, OWNED, first)
    refused = await refusal(teams.commit(world.anne, {"anne": Role.ADMIN}, OWNED, second))
    assert refused.code == "owner_needs_admin"
