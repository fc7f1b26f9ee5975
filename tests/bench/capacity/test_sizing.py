"""As few processes as suffice, and what grows with what."""

from dataclasses import replace

import pytest

from bench.capacity.demand import EXCHANGES, Hearing, forgotten_of, live_a_day, rates_at
from bench.capacity.population import HABITS, POPULATIONS, Population, peak_minute
from bench.capacity.sizing import BUSY, SOCKETS, Model
from bench.capacity.units import Units

SMALL, REGISTER, WORLD = POPULATIONS


@pytest.mark.parametrize("population", POPULATIONS, ids=lambda one: one.name)
def test_the_fewest_processes_that_suffice(model: Model, population: Population) -> None:
    peak = rates_at(peak_minute(), population, HABITS)
    processes = model.processes(peak, Hearing.CONCERNED)
    assert processes is not None
    enough, fewer = (model.need(peak, count, Hearing.CONCERNED) for count in (processes, processes - 1))
    assert enough.of_one_process <= BUSY
    assert peak.connections / processes <= SOCKETS
    assert fewer.of_one_process > BUSY or peak.connections / (processes - 1) > SOCKETS


def test_no_number_of_processes_suffices_if_hearing_alone_fills_them(model: Model) -> None:
    assert model.size(WORLD, Hearing.ALL) is None


def test_a_publication_for_all_is_heard_by_all(model: Model) -> None:
    peak = rates_at(peak_minute(), REGISTER, HABITS)
    few, many = model.need(peak, 10, Hearing.ALL), model.need(peak, 1_000, Hearing.ALL)
    assert many.hearing > few.hearing
    assert many.broker_out_bytes == pytest.approx(few.broker_out_bytes * 999 / 9)
    assert model.need(peak, 1_000, Hearing.CONCERNED).hearing < 0.05 * many.hearing


def test_a_process_alone_hears_nobody(model: Model) -> None:
    asked = model.need(rates_at(peak_minute(), SMALL, HABITS), 1, Hearing.ALL)
    assert asked.hearing == asked.broker == asked.broker_out_bytes == 0


def test_who_hears_more_remembers_less() -> None:
    assert forgotten_of(0) == forgotten_of(10) == pytest.approx(EXCHANGES)
    assert EXCHANGES < forgotten_of(1_000) < forgotten_of(10_000) < 1


def test_a_day_has_the_messages_of_its_people(model: Model) -> None:
    day = live_a_day(SMALL, HABITS, model.units, model.costs, 4, Hearing.ALL)
    assert day.messages == pytest.approx(80_000 * HABITS.active * HABITS.messages)


def test_years_grow_with_messages(model: Model) -> None:
    busier = Model(units=model.units, costs=model.costs, habits=replace(HABITS, messages=2 * HABITS.messages))
    assert busier.year(SMALL)[1] == pytest.approx(2 * model.year(SMALL)[1])
    assert 1 < busier.year(SMALL)[0] / model.year(SMALL)[0] < 2


def test_a_slower_disk_is_felt(model: Model) -> None:
    slow = {name: getattr(model.units, name) for name in Units.__slots__} | {"fdatasync_ms": (20.0,) * 101}
    slower = Model(units=Units(**slow), costs=model.costs, habits=HABITS)
    quick, late = model.size(SMALL, Hearing.ALL), slower.size(SMALL, Hearing.ALL)
    assert quick is not None
    assert late is not None
    assert late.served.ms(50) > 20
    assert late.served.ms(50) > quick.served.ms(50)
