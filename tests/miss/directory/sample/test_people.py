"""The fictive register is large, varied and valid enough to show the house with."""

from collections import Counter

from miss.directory.practitioners import Practitioners
from miss.directory.register.activities import ActivityReader, Batch
from miss.directory.register.extraction import Extraction
from miss.directory.register.mailboxes import read_claims
from miss.directory.register.remarks import Findings
from miss.directory.sample import open_mailboxes, open_register, people
from miss.documents.identities import NumberVerdict, check_adeli, check_finess, check_rpps
from tests.miss.directory.extractions import COLUMNS_2026, MAILBOX_COLUMNS


def read() -> tuple[Batch, Findings]:
    findings = Findings()
    with open_register() as file:
        (batch,) = ActivityReader(Extraction(file, findings), known_words=set()).read(1_000)
    return batch, findings


def test_every_key_is_right_and_every_number_fictive() -> None:
    batch, findings = read()
    assert (findings.rejected.count, findings.doubtful.count) == (0, 0)
    for person in batch.people:
        if person.id.startswith("0"):
            assert check_adeli(person.id[1:]) is NumberVerdict.OK
        else:
            assert check_rpps(person.id[1:]) is NumberVerdict.OK
            assert person.id.startswith("8999")
    for site in batch.sites:
        if site.finess:
            assert check_finess(site.finess) is NumberVerdict.OK
            assert site.finess[2:5] in {"999", "499"}
        assert site.phone[:6] in {"", "035301", "063998"}


def test_it_is_varied() -> None:
    batch, _ = read()
    fields = Counter({(role.practitioner_id, role.specialty_code or role.profession_code): 1 for role in batch.roles})
    by_field = Counter(field for _, field in fields)
    towns = {site.town for site in batch.sites}
    assert len(batch.people) >= 44
    assert len(by_field) >= 9
    assert by_field["SM15"] >= 6
    assert {"Lille", "Dunkerque", "Saint-Denis", "Saint-Pierre"} <= towns
    names = {f"{person.given} {person.family}".upper() for person in batch.people}
    assert {"HÉLÈNE LEFÈVRE", "HELENE LEFEVRE"} <= names


def test_the_headers_are_those_published() -> None:
    with open_register() as register, open_mailboxes() as mailboxes:
        headers = [next(iter(file)).decode() for file in (register, mailboxes)]
    assert headers == [f"{'|'.join(columns)}|\n" for columns in (COLUMNS_2026, MAILBOX_COLUMNS)]


def test_every_address_is_fictive() -> None:
    findings = Findings()
    with open_mailboxes() as lines:
        claims = list(read_claims(Extraction(lines, findings)))
    assert (len(claims), findings.rejected.count) == (48, 0)
    assert all(claim.address.endswith(".mssante.example") for claim in claims)


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
