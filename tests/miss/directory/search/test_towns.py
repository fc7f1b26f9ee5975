"""Where towns lie, and how far apart."""

import pytest

from miss.directory.search.towns import Towns, department_of, distance_km

TOWNS = Towns()


@pytest.mark.parametrize(
    ("name", "place", "about"),
    [
        ("Lille", "59350", (50.6, 3.1)),
        ("DUNKERQUE", "59183", (51.0, 2.4)),
        ("Paris 13e Arrondissement", "75113", (48.9, 2.3)),
        ("Lyon Cedex 03", "69383", (45.7, 4.8)),
        ("Saint-Denis", "93066", (48.9, 2.4)),
        ("Saint-Denis", "97411", (-20.9, 55.4)),
        ("Ajaccio", "2A004", (41.9, 8.7)),
        ("Fort-de-France", "97209", (14.6, -61.1)),
    ],
)
def test_where_towns_lie(name: str, place: str, about: tuple[float, float]) -> None:
    found = TOWNS.find(name, place)
    assert found is not None
    assert distance_km(found, about) < 15


@pytest.mark.parametrize(("name", "place"), [("Lille", "13055"), ("Nowhere", "59000"), ("", ""), ("Lille", "")])
def test_a_town_of_another_region_is_another_town(name: str, place: str) -> None:
    assert TOWNS.find(name, place) is None


@pytest.mark.parametrize(
    ("place", "department"),
    [
        ("59350", "59"),
        ("97411", "974"),
        ("2A004", "2A"),
        ("974", "974"),
        ("59", "59"),
        ("59~lille", "59"),
        ("~lille", ""),
    ],
)
def test_departments(place: str, department: str) -> None:
    assert department_of(place) == department


def test_distances() -> None:
    lille, paris = TOWNS.find("Lille", "59350"), TOWNS.find("Paris", "75056")
    assert lille is not None
    assert paris is not None
    assert 200 < distance_km(lille, paris) < 210
    assert distance_km(lille, lille) == 0
    assert distance_km((0.0, 179.9), (0.0, -179.9)) < 25
