"""The dated table of codes, amounts and ceilings."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from teleexpertise.billing import load_rates
from teleexpertise.billing.errors import RatesFaulty
from teleexpertise.billing.model import Role
from teleexpertise.billing.rates import parse_rates

ENTRY = {
    "code": "TE2", "role": "expert", "from": "2026-01-01", "until": "2026-06-30", "amount_eur": "20.00", "ceiling": 4,
    "label": "Avis", "source": "JO", "verified": True,
}  # fmt: skip
LATER = {**ENTRY, "from": "2026-07-01", "until": None, "amount_eur": "25.00", "ceiling": 6, "verified": False}


def data(*entries: Any) -> bytes:
    return json.dumps({"rates": entries}).encode()


def test_each_day_has_its_own_rate() -> None:
    rates = parse_rates(data(ENTRY, LATER))
    found = {day: rates.find(Role.EXPERT, day) for day in (date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1))}
    assert [rate and (rate.amount_eur, rate.ceiling) for rate in found.values()] == [
        None,
        (Decimal("20.00"), 4),
        (Decimal("25.00"), 6),
    ]
    assert rates.find(Role.REQUESTER, date(2026, 7, 1)) is None
    assert rates.find_code("TE2", date(2026, 1, 1)) is not None


def test_the_rates_that_come_with_miss_say_that_they_are_to_be_verified() -> None:
    rates = load_rates(None)
    found = [rates.find(role, date(2026, 11, 20)) for role in Role]
    assert [rate.code for rate in found if rate] == ["TE2", "RQD"]
    assert not any(rate.verified for rate in found if rate)
    assert all(rate.source for rate in found if rate)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"{", "not a JSON object"),
        (b'{"rates": 3}', "not a JSON object"),
        (data({**ENTRY, "amount_eur": "vingt"}), "wrong form"),
        (data({**ENTRY, "role": "patient"}), "wrong form"),
        (data({**ENTRY, "ceiling": 0}), "out of range"),
        (data({**ENTRY, "until": "2025-01-01"}), "out of range"),
        (data({key: value for key, value in ENTRY.items() if key != "source"}), "source is missing"),
        (data(ENTRY, {**LATER, "from": "2026-06-30"}), "same day"),
        (data("TE2"), "wrong form"),
    ],
)
def test_a_faulty_table_names_its_entry(content: bytes, fault: str, tmp_path: Path) -> None:
    file = tmp_path / "rates.json"
    file.write_bytes(content)
    with pytest.raises(RatesFaulty) as caught:
        load_rates(file)
    assert fault in str(caught.value.params["fault"])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RatesFaulty):
        load_rates(tmp_path / "absent.json")
