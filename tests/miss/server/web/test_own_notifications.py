"""The notification level, chosen on its page."""

from pathlib import Path

from miss.directory.preferences import NotificationLevel
from tests.miss.server.web.visitors import opened

PATH = "/compte/notifications"


async def test_the_level_is_shown_chosen_and_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        anne, preferences = place.anne, place.server.house.own.preferences
        assert 'value="full" checked' in await anne.see(PATH)
        answer = await anne.send(PATH, {"level": "discreet"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}?fait=1")
        page = await anne.see(f"{PATH}?fait=1", "en")
        assert 'value="discreet" checked' in page
        assert "Your choice is kept." in page
        for wrong in ({"level": "loud"}, {}):
            refused = await anne.send(PATH, wrong)
            assert refused.status_code == 400
            assert "Choisissez l’une des réponses" in refused.text
        assert await preferences.get_level(anne.uid) is NotificationLevel.DISCREET
        assert await preferences.get_level(place.paul.uid) is NotificationLevel.FULL
