"""Organisations of the register: by identifier, and those of a town."""

import pytest

from miss.base.ids import OrganizationId
from miss.directory.organizations import OrganizationNotFound, Organizations
from miss.directory.practitioners import Practitioners
from miss.directory.sample.people import ANNE_MODELE
from miss.directory.search.words import fold
from miss.storage import Database


@pytest.fixture
def organizations(db: Database, practitioners: Practitioners) -> Organizations:
    assert practitioners is not None
    return Organizations(db)


async def test_by_the_identifier_that_people_have(organizations: Organizations, practitioners: Practitioners) -> None:
    anne = await practitioners.find_by_rpps(ANNE_MODELE)
    assert anne is not None
    theirs = anne.roles[0].organization
    assert theirs is not None
    assert await organizations.get(theirs.id) == theirs
    with pytest.raises(OrganizationNotFound):
        await organizations.get(OrganizationId("none"))


async def test_those_of_a_town_each_once(organizations: Organizations) -> None:
    found = await organizations.list_("lille")
    assert len({one.id for one in found}) == len(found) > 1
    assert [one.name for one in found] == sorted((one.name for one in found), key=fold)
    assert [one.name for one in await organizations.list_("Lille", "labo bio")] == [
        "Laboratoire fictif de biologie médicale"
    ]
    assert await organizations.list_("Lille", "labo chirurgie") == []
    assert await organizations.list_("Nulle-Part") == []
    assert len(await organizations.list_("Lille", limit=1)) == 1
