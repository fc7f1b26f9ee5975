"""The synthetic extractions are right, repeatable and varied enough to measure with."""

from collections import Counter

from miss.documents.identities import NumberVerdict, check_adeli, check_finess, check_rpps
from tests.miss.directory.extractions import (
    COLUMNS_2021,
    COLUMNS_2026,
    COLUMNS_WITHOUT_SKILLS,
    MAILBOX_COLUMNS,
    QUALIFICATION_COLUMNS,
    SKILL_COLUMNS,
)
from tests.miss.directory.synthetic import Synthetic

REGISTER = Synthetic(5_000, families=1_000)


def test_every_line_has_the_columns_of_its_header() -> None:
    files = [
        *((REGISTER.register(columns), columns) for columns in (COLUMNS_2021, COLUMNS_2026, COLUMNS_WITHOUT_SKILLS)),
        (REGISTER.skills(), SKILL_COLUMNS),
        (REGISTER.qualifications(), QUALIFICATION_COLUMNS),
        (REGISTER.mailboxes(), MAILBOX_COLUMNS),
    ]
    for lines, columns in files:
        assert {line.count(b"|") for line in lines} == {len(columns)}


def test_it_is_repeatable() -> None:
    assert list(Synthetic(300).register()) == list(Synthetic(300).register())
    assert list(Synthetic(300).register()) != list(Synthetic(300, seed=1).register())


def test_every_number_has_its_key() -> None:
    checks = {"8": check_rpps, "0": check_adeli}
    for person in REGISTER.persons():
        assert checks[person.national_id[0]](person.national_id[1:]) is NumberVerdict.OK
    rows = (line.decode().split("|") for line in list(REGISTER.register())[1:])
    numbers = {row[COLUMNS_2026.index("Numéro FINESS site")] for row in rows} - {""}
    assert len(numbers) >= 10
    assert {check_finess(number) for number in numbers} == {NumberVerdict.OK}


def test_it_is_varied() -> None:
    persons = list(REGISTER.persons())
    assert len({person.national_id for person in persons}) == len(persons)
    names = Counter(f"{person.given} {person.family}" for person in persons)
    assert names.most_common(1)[0][1] > 1
    assert any("-" in name for name in names)
    assert any(not name.isascii() for name in names)
    assert len({person.profession[0] for person in persons}) >= 15
    assert len({person.specialty[0] for person in persons}) >= 15
