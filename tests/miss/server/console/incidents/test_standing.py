"""What works, as the public page says it."""

from datetime import timedelta
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.server.console.incidents.standing import Measures, Part, Standings, State, read_result, write_result

FINE = {Part.MESSAGES: State.WORKS, Part.REQUESTS: State.WORKS, Part.MAILS: State.WORKS}


class Platform:
    """What is measured."""

    def __init__(self, folder: Path) -> None:
        self.broker, self.jobs_s, self.mails_s, self.looks = True, 0.0, 0.0, 0
        self.file = folder / "last.json"

    def measures(self) -> Measures:
        """Where it is read."""
        return Measures(lambda: self.broker, self._jobs, self._mails, self.file)

    async def _jobs(self) -> float:
        self.looks += 1
        return self.jobs_s

    async def _mails(self) -> float:
        return self.mails_s


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(tmp_path)


async def test_all_is_well(platform: Platform, clock: MovableClock) -> None:
    standing = await Standings(platform.measures(), clock).now()
    assert (standing.parts, standing.probed) == (FINE, None)


@pytest.mark.parametrize(
    ("change", "part"),
    [({"broker": False}, Part.MESSAGES), ({"jobs_s": 301.0}, Part.REQUESTS), ({"mails_s": 3601.0}, Part.MAILS)],
)
async def test_what_is_late_is_named_alone(
    platform: Platform, clock: MovableClock, change: dict[str, object], part: Part
) -> None:
    for name, value in change.items():
        setattr(platform, name, value)
    assert (await Standings(platform.measures(), clock).now()).parts == FINE | {part: State.SLOW}


async def test_a_probe_that_failed_outweighs_what_is_measured_inside(platform: Platform, clock: MovableClock) -> None:
    write_result(platform.file, clock.now(), works=False)
    standing = await Standings(platform.measures(), clock).now()
    assert standing.parts == FINE | {Part.MESSAGES: State.BROKEN, Part.REQUESTS: State.BROKEN}
    write_result(platform.file, clock.now(), works=True)
    again = await Standings(platform.measures(), clock).now()
    assert again.parts == FINE
    assert again.probed is not None


async def test_it_is_measured_once_in_ten_seconds(platform: Platform, clock: MovableClock) -> None:
    standings = Standings(platform.measures(), clock)
    for _ in range(5):
        await standings.now()
    assert platform.looks == 1
    clock.advance(timedelta(seconds=11))
    await standings.now()
    assert platform.looks == 2


def test_an_old_or_damaged_result_says_nothing(platform: Platform, clock: MovableClock) -> None:
    write_result(platform.file, clock.now(), works=False)
    assert read_result(platform.file, clock.now() + timedelta(minutes=29)) is not None
    assert read_result(platform.file, clock.now() + timedelta(minutes=31)) is None
    for damaged in ("", "[]", '{"at": 3}', '{"at": "yesterday", "works": true}'):
        platform.file.write_text(damaged)
        assert read_result(platform.file, clock.now()) is None
