"""The fictive register is large, varied and valid enough to show the house with."""

from collections import Counter

from miss.directory.practitioners import Practitioners
from miss.directory.practitioners.extraction import Findings
from miss.directory.practitioners.mailboxes import read_mailboxes
from miss.directory.practitioners.register import read_register
from miss.directory.sample import open_mailboxes, open_register, people
from miss.documents.identities import NumberVerdict, check_adeli, check_finess, check_rpps
from tests.miss.directory.extractions import COLUMNS_2026, MAILBOX_COLUMNS


def test_every_key_is_right_and_every_number_fictive() -> None:
    findings = Findings()
    with open_register() as lines:
        entries = list(read_register(lines, findings))
    assert findings == Findings()
    for entry in entries:
        if entry.rpps is None:
            assert check_adeli(entry.national_id[1:]) is NumberVerdict.OK
        else:
            assert check_rpps(entry.rpps) is NumberVerdict.OK
            assert entry.rpps.startswith("999")
        for role in entry.roles:
            if role.organization and role.organization.finess:
                assert check_finess(role.organization.finess) is NumberVerdict.OK
                assert role.organization.finess[2:5] in {"999", "499"}
            assert role.phone[:6] in {"", "035301", "063998"}


def test_it_is_varied() -> None:
    with open_register() as lines:
        entries = list(read_register(lines, Findings()))
    fields = Counter(
        specialty
        for entry in entries
        for specialty in {role.specialty.code if role.specialty else entry.profession.code for role in entry.roles}
    )
    towns = {role.town for entry in entries for role in entry.roles}
    assert len(entries) >= 44
    assert len(fields) >= 9
    assert fields["SM15"] >= 6
    assert {"Lille", "Dunkerque", "Saint-Denis", "Saint-Pierre"} <= towns
    assert {"HÉLÈNE LEFÈVRE", "HELENE LEFEVRE"} <= {f"{entry.given} {entry.family}".upper() for entry in entries}


def test_the_headers_are_those_published() -> None:
    with open_register() as register, open_mailboxes() as mailboxes:
        headers = [next(iter(file)).decode() for file in (register, mailboxes)]
    assert headers == [f"{'|'.join(columns)}|\n" for columns in (COLUMNS_2026, MAILBOX_COLUMNS)]


def test_every_address_is_fictive() -> None:
    findings = Findings()
    with open_mailboxes() as lines:
        entries = list(read_mailboxes(lines, findings))
    assert findings == Findings(skipped=2)
    assert all(entry.address.endswith(".mssante.example") for entry in entries)


DEMONSTRATION = [
    (people.PAUL_EXEMPLE, "Dr Paul EXEMPLE", "SM54", "Dunkerque", "paul.exemple@medecin.mssante.example"),
    (people.ANNE_MODELE, "Dr Anne MODELE", "SM15", "Lille", "anne.modele@ch-fictif.mssante.example"),
    (people.KARIM_ESSAI, "Dr Karim ESSAI", "SM15", "Lille", "karim.essai@ch-fictif.mssante.example"),
    (
        people.LUCIE_SPECIMEN,
        "Dr Lucie SPECIMEN",
        "SM15",
        "Saint-Denis",
        "lucie.specimen@chu-reunion.mssante.example",
    ),
    (people.CLAIRE_TEMOIN, "Mme Claire TEMOIN", "60", "Dunkerque", "claire.temoin@infirmier.mssante.example"),
    (people.HUGO_FACTICE, "Dr Hugo FACTICE", "SM03", "Lille", "hugo.factice@biologie.mssante.example"),
    (people.INES_BROUILLON, "Dr Inès BROUILLON", "SM04", "Lille", "ines.brouillon@ch-fictif.mssante.example"),
    (people.MARC_COORDO, "Dr Marc COORDO", "SM49", "Lille", "marc.coordo@ch-fictif.mssante.example"),
]


async def test_the_people_of_the_demonstration(practitioners: Practitioners) -> None:
    for rpps, name, field, town, mailbox in DEMONSTRATION:
        found = await practitioners.find_by_rpps(rpps)
        assert found is not None
        codes = [coding.code for coding in found.specialties] or [found.profession.code]
        assert (found.display_name, codes, found.town, found.mailboxes[0]) == (name, [field], town, mailbox)
    assert {person[0] for person in DEMONSTRATION} == set(people.EVERYBODY)
    assert len(people.EVERYBODY) == 8
