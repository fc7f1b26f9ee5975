"""Whose texts are whose."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from teleexpertise.answers.templates import Owner
from teleexpertise.answers.templates.errors import TemplateUnknown
from tests.teleexpertise.office import Office


async def test_an_expert_s_texts_are_theirs_and_a_pool_s_are_its_coordinator_s_to_write(office: Office) -> None:
    templates, anne, karim, marc = office.service.templates, office.anne.id, office.karim.id, office.marc.id
    pool = Owner.pool(office.pool.id)
    own = await templates.create(Owner.expert(anne), anne, title="Eczéma", text="Émollient.", new_id="t-own")
    shared = await templates.create(pool, marc, title="Nævus", text="Photo dans [délai].", new_id="t-pool")
    assert [one.id for one in await templates.usable(anne)] == ["t-own", "t-pool"]
    assert [one.id for one in await templates.usable(karim)] == ["t-pool"]
    assert await templates.usable(office.paul.id) == []
    for person, template in ((karim, own), (office.paul.id, shared)):
        with pytest.raises(TemplateUnknown):
            await templates.get(template.id, person)
    with pytest.raises(TemplateUnknown):
        await templates.change(shared.id, anne, title="x", text="y")
    for owner in (pool, Owner.expert(karim)):
        with pytest.raises(TemplateUnknown):
            await templates.create(owner, anne, title="x", text="y", new_id="t-other")
    with pytest.raises(TemplateUnknown):
        await templates.create(Owner.expert(karim), karim, title="x", text="y", new_id="t-own")
    assert (await templates.get("t-own", anne)).title == "Eczéma", "an identifier given twice changes nobody else's"
    assert [(shelf.pool is None, shelf.may_write) for shelf in await templates.shelves(marc)] == [
        (True, True),
        (False, True),
    ]


async def test_a_deleted_text_may_be_had_back_for_thirty_days(office: Office, clock: MovableClock) -> None:
    templates, anne = office.service.templates, office.anne.id
    for name in ("t-1", "t-2"):
        await templates.create(Owner.expert(anne), anne, title=name, text="texte", new_id=name)
    await templates.delete("t-1", anne)
    assert [one.id for one in await templates.usable(anne)] == ["t-2"]
    with pytest.raises(TemplateUnknown):
        await templates.restore("t-1", office.karim.id)
    await templates.restore("t-1", anne)
    assert [one.id for one in await templates.usable(anne)] == ["t-1", "t-2"]
    await templates.delete("t-1", anne)
    clock.advance(timedelta(days=31))
    await templates.delete("t-2", anne)
    with pytest.raises(TemplateUnknown):
        await templates.restore("t-1", anne)
