"""Programs of one establishment are counted together, on every process, and never with another establishment's."""

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.broker import Broker, Rates
from miss.directory.audit import store as audit_store
from miss.directory.establishments.errors import EstablishmentNotFound
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.quotas import EstablishmentQuotaReached, Quota, QuotaChoice, Quotas
from miss.directory.establishments.service import Establishments
from miss.storage import Database

LILLE, ARRAS = OrganizationId("F599990009"), OrganizationId("F629990003")
DEFAULT = Quota(5, 12_000)


async def test_one_establishment_starves_no_other_on_any_process(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, broker: Broker
) -> None:
    establishments = Establishments(db, clock, random_bytes)
    for one in (LILLE, ARRAS):
        await establishments.open(Establishment(id=one, name="CH fictif", kind=EstablishmentKind.HOSPITAL), "test")
    here, there = (Quotas(db, clock, Rates(broker.counts), DEFAULT) for _ in range(2))
    for quotas in (here, there, here, there, here):
        assert await quotas.admit(LILLE) == DEFAULT
    for quotas in (here, there):
        with pytest.raises(EstablishmentQuotaReached) as refused:
            await quotas.admit(LILLE)
        assert refused.value.retry_after_s is not None
        assert 1 <= refused.value.retry_after_s <= 12
        assert "5 requêtes par minute. Réessayez dans" in refused.value.sentence(Language.FR)
    assert await there.admit(ARRAS) == DEFAULT

    await here.put(LILLE, QuotaChoice(7, None), "marc")
    assert await there.get(LILLE) == Quota(7, 12_000)
    assert await there.admit(LILLE) == Quota(7, 12_000), "a raised quota holds from the next request on"
    assert await here.get(ARRAS) == DEFAULT
    await here.put(LILLE, QuotaChoice(), "marc")
    assert await there.get(LILLE) == DEFAULT
    async with db.snapshot() as tx:
        acts = [one.fact.act for one in await audit_store.list_after(tx, 0, 100) if one.fact]
    assert acts.count("establishment.quota_changed") == 2


async def test_an_establishment_that_has_no_record_has_no_quota_of_its_own(
    db: Database, clock: MovableClock, broker: Broker
) -> None:
    quotas = Quotas(db, clock, Rates(broker.counts), DEFAULT)
    assert await quotas.admit(LILLE) == DEFAULT
    with pytest.raises(EstablishmentNotFound):
        await quotas.put(LILLE, QuotaChoice(7, 7), "marc")
