"""The recipe of `deploy/openldap/`, as shipped: Debian's slapd takes the LDIF export and answers address books.

Second tier (`python3 run.py test -m ldap`): `.ci/run` installs slapd and ldap-utils.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miss.directory.exports import Card
from miss.directory.exports.ldif import BASE, attributes, compose_entries, compose_head, dn_of, uid_of
from tests.conditions import WAIT_S
from tests.miss.directory.exports.cards import CARDS
from tests.proxies.test_proxies import is_listening, make_certificate
from tests.servers import free_port

pytestmark = pytest.mark.ldap

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "openldap"
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
READER, PASSWORD = "cn=hospital,o=Readers", "phrase de lecture fictive"
HOSTILE = "*)(uid=*"

ANNE = Card(
    id="899900000011",
    rpps="99900000011",
    civility="Dr",
    family="Modèle",
    given="Anne",
    profession="Médecin",
    specialties=("Dermatologie", "dermatologie"),
    organization="CH fictif, Lille",
    town="Lille",
    phone="03 20 00 00 00",
    mailboxes=("anne.modele@ch-fictif.mssante.example",),
)
TRICKY = Card(
    id="staff-019aa", family=HOSTILE, given="=cmd|' /C calc'!A0", phone="poste 12 ☎", organization='#1 <à> \\ "x";+'
)


def program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    assert found is not None, f"{name} is not installed: apt-get install slapd ldap-utils"
    return found


def run(*command: str, said: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [program(command[0]), *command[1:]],
        input=said,
        capture_output=True,
        check=False,
        env=os.environ | {"PATH": PATH, "LDAPTLS_REQCERT": "demand"},
    )


@dataclass
class Ldap:
    """A folder with the shipped files, at paths and ports of this machine."""

    folder: Path
    port: int

    @property
    def config(self) -> Path:
        return self.folder / "slapd.conf"

    @property
    def database(self) -> Path:
        return self.folder / "lib" / "directory"

    def prepare(self) -> None:
        """The first step of the recipe in docs/operations.md."""
        make_certificate(self.folder)
        text = (DEPLOY / "slapd.conf").read_text()
        for shipped, here in {
            "/etc/ssl/miss": str(self.folder),
            "/var/lib/miss-ldap": str(self.folder / "lib"),
            "/run/miss-ldap": str(self.folder),
        }.items():
            assert shipped in text
            text = text.replace(shipped, here)
        self.config.write_text(text)
        (self.folder / "lib" / "readers").mkdir(parents=True)
        secret = run("slappasswd", "-s", PASSWORD).stdout.decode().strip()
        readers = (DEPLOY / "readers.ldif").read_text().replace("{SSHA}put here what slappasswd prints", secret)
        (self.folder / "readers.ldif").write_text(readers)

    def add_readers(self) -> None:
        """The last step: slapd reads its configuration once there is a directory."""
        loaded = run("slapadd", "-f", str(self.config), "-b", "o=Readers", "-l", str(self.folder / "readers.ldif"))
        assert loaded.returncode == 0, loaded.stderr

    def load(self, cards: Sequence[Card], *, broken: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        """Run the shipped script on an export."""
        file = self.folder / "directory.ldif"
        file.write_bytes(compose_head() + compose_entries(cards) + broken)
        script = [str(DEPLOY / "load-directory"), str(self.config), str(self.database), str(file)]
        return subprocess.run(script, capture_output=True, check=False, env=os.environ | {"PATH": PATH})

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.add_readers()
        url = f"ldaps://127.0.0.1:{self.port}"
        process = await asyncio.create_subprocess_exec(
            program("slapd"), "-f", str(self.config), "-h", url, "-d", "0", stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(WAIT_S):
                while not await is_listening(self.port):
                    assert process.returncode is None, "slapd has ended"
            yield
        finally:
            process.terminate()
            await process.wait()

    def search(self, words: str, *names: str, who: Sequence[str] = ("-D", READER, "-w", PASSWORD)) -> "Answer":
        """ldapsearch as an address book would ask."""
        url = f"ldaps://127.0.0.1:{self.port}"
        command = [
            program("ldapsearch"),
            "-LLL",
            "-o",
            "ldif-wrap=no",
            "-x",
            "-H",
            url,
            *who,
            "-b",
            BASE,
            words,
            *names,
        ]
        environment = os.environ | {"LDAPTLS_CACERT": str(self.folder / "fullchain.pem"), "LDAPTLS_REQCERT": "demand"}
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
        return Answer(done.returncode, [_record(one) for one in done.stdout.decode().split("\n\n") if one.strip()])

    def modify(self, change: str) -> bool:
        """Whether a reader may change something."""
        url = f"ldaps://127.0.0.1:{self.port}"
        environment = os.environ | {"LDAPTLS_CACERT": str(self.folder / "fullchain.pem")}
        command = [program("ldapmodify"), "-x", "-H", url, "-D", READER, "-w", PASSWORD]
        return not subprocess.run(
            command, input=change.encode(), capture_output=True, check=False, env=environment
        ).returncode


@dataclass
class Answer:
    """What ldapsearch said."""

    code: int
    records: list[dict[str, list[str]]]

    def values(self, name: str) -> list[str]:
        return sorted(value for record in self.records for value in record.get(name, []))


def _record(text: str) -> dict[str, list[str]]:
    record: dict[str, list[str]] = {}
    for line in text.strip().split("\n"):
        name, _, rest = line.partition(":")
        if name.endswith(";binary"):
            value = rest[1:].strip()
        else:
            value = b64decode(rest[1:]).decode() if rest.startswith(":") else rest.strip()
        record.setdefault(name, []).append(value)
    return record


def escaped(value: str) -> str:
    """A value in a filter (RFC 4515 §3)."""
    return "".join(f"\\{byte:02x}" for byte in value.encode())


@pytest.fixture
def ldap(tmp_path: Path) -> Ldap:
    ldap = Ldap(tmp_path, free_port())
    ldap.prepare()
    return ldap


async def test_address_books_find_people(ldap: Ldap) -> None:
    loaded = ldap.load([ANNE, TRICKY])
    assert loaded.returncode == 0, loaded.stderr
    async with ldap.running():
        found = ldap.search("(sn=modele)")
        assert found.values("uid") == [], "accents count for OpenLDAP"
        found = ldap.search("(cn=*modèle*)", "cn", "mail", "telephoneNumber", "businessCategory", "o")
        (anne,) = found.records
        assert anne == {
            "dn": ["uid=99900000011,o=MiSS"],
            "cn": ["Dr Anne MODÈLE"],
            "mail": ["anne.modele@ch-fictif.mssante.example"],
            "telephoneNumber": ["03 20 00 00 00"],
            "businessCategory": ["Dermatologie"],
            "o": ["CH fictif, Lille"],
        }
        assert ldap.search(f"(sn={escaped(HOSTILE)})").values("sn") == [HOSTILE]
        assert ldap.search("(uid=staff-019aa)", "o", "givenName").records[0]["o"] == ['#1 <à> \\ "x";+']
        # Unescaped, the same name is another filter or none: nobody is found by accident.
        assert ldap.search(f"(sn={HOSTILE})").code != 0


async def test_only_readers_read_and_nobody_writes(ldap: Ldap) -> None:
    assert ldap.load([ANNE]).returncode == 0
    async with ldap.running():
        assert ldap.search("(uid=*)", who=()).records == []
        assert ldap.search("(uid=*)", who=("-D", READER, "-w", "wrong")).code == 49
        assert ldap.search("(uid=*)").values("uid") == ["99900000011"]
        assert not ldap.modify(f"dn: uid=99900000011,{BASE}\nchangetype: modify\nreplace: title\ntitle: Roi\n")
        assert ldap.search("(uid=*)", "title").values("title") == ["Médecin"]


async def test_a_new_export_takes_the_place_of_the_old_one_and_a_bad_one_does_not(ldap: Ldap) -> None:
    assert ldap.load([ANNE, TRICKY]).returncode == 0
    assert ldap.load([TRICKY]).returncode == 0
    assert ldap.load([ANNE], broken=b"dn: uid=x,o=Elsewhere\nobjectClass: nothing\n\n").returncode == 1
    assert len(list(ldap.database.parent.glob("directory.*"))) == 1, "former databases and failures are removed"
    async with ldap.running():
        assert ldap.search("(objectClass=person)").values("sn") == [HOSTILE]


async def test_a_page_is_all_that_is_given_at_once(ldap: Ldap) -> None:
    crowd = [Card(id=f"8{number}", rpps=str(number), family="Foule") for number in range(99900000000, 99900000150)]
    assert ldap.load(crowd).returncode == 0
    async with ldap.running():
        answer = ldap.search("(sn=foule)", "uid")
        assert (answer.code, len(answer.records)) == (4, 100)


@given(cards=st.lists(CARDS, min_size=1, max_size=8, unique_by=uid_of))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_slapd_takes_any_export_and_keeps_its_values(ldap: Ldap, cards: Sequence[Card]) -> None:
    loaded = ldap.load(cards)
    assert loaded.returncode == 0, loaded.stderr
    dumped = run("slapcat", "-f", str(ldap.config), "-b", BASE, "-o", "ldif-wrap=no").stdout.decode()
    kept = {record["uid"][0]: record for record in map(_record, dumped.strip().split("\n\n")) if "uid" in record}
    assert len(kept) == len(cards)
    for card in cards:
        said: dict[str, list[str]] = {}
        for name, value in attributes(card):
            said.setdefault(name, []).append(value)
        record = kept[uid_of(card)]
        assert {name: sorted(record[name]) for name in said if name != "objectClass"} == {
            name: sorted(values) for name, values in said.items() if name != "objectClass"
        }
        assert sorted(record.get("userCertificate;binary", [])) == sorted(card.certificates)
    assert dn_of(cards[0])
