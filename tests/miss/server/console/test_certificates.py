"""S/MIME certificates, from the pages where they are put in to the entry that everybody reads."""

import base64
import io
import zipfile
from typing import Any

import httpx

from miss.base.clock import MovableClock
from miss.directory.sample import people
from miss.server.doors import Server
from tests.miss.directory.certificates.making import make
from tests.miss.server.console.kit import account_of

OWN = "/compte/certificats"
ADDRESS = "anne.modele@ch-fictif.mssante.example"


async def send(client: httpx.AsyncClient, path: str, content: bytes) -> httpx.Response:
    return await client.post(path, files={"file": ("anne.pem", content, "application/x-pem-file")})


def withdrawal(page: httpx.Response) -> str:
    """The address that the button of the table sends to."""
    return page.text.partition('/retrait"')[0].rpartition('action="')[2] + "/retrait"


async def read_entry(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get(f"/api/directory/v1/practitioners/8{people.ANNE_MODELE}")
    [mailbox] = answer.json()["mailbox"]
    return dict(mailbox)


async def test_what_its_owner_publishes_is_in_the_entry_until_it_is_withdrawn(
    server: Server, anne: httpx.AsyncClient, hugo: httpx.AsyncClient
) -> None:
    assert "Aucun certificat" in (await anne.get(OWN)).text
    assert (await read_entry(hugo))["certificate"] is None
    answer = await send(anne, OWN, make(ADDRESS, now=server.house.clock.now()))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OWN}?fait=ajout")
    page = await anne.get(f"{OWN}?fait=ajout")
    assert "publié dans l'annuaire" in page.text
    assert "utilisé" in page.text
    assert "autorité non vérifiée" in page.text
    assert f"publié pour\N{NO-BREAK SPACE}: {ADDRESS}" in (await anne.get("/compte/fiche")).text

    der = base64.b64decode((await read_entry(hugo))["certificate"])
    card = (await hugo.get(f"/annuaire/8{people.ANNE_MODELE}/carte.vcf")).text.replace("\r\n ", "")
    assert f"KEY;ENCODING=b;TYPE=X509:{base64.b64encode(der).decode()}\r\n" in card
    found = (await hugo.get("/api/directory/v1/export/ldif")).text.replace("\n ", "")
    assert f"userCertificate;binary:: {base64.b64encode(der).decode()}\n" in found

    archive = zipfile.ZipFile(io.BytesIO((await anne.post("/compte/donnees")).content))
    assert any(ADDRESS in archive.read(name).decode() for name in archive.namelist() if "certificats" in name)

    answer = await anne.post(withdrawal(page))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OWN}?fait=retrait")
    assert (await read_entry(hugo))["certificate"] is None
    assert "retiré" in (await anne.get(OWN)).text
    assert "userCertificate" not in (await hugo.get("/api/directory/v1/export/ldif")).text


async def test_a_technician_publishes_for_others_and_says_why_not(
    server: Server, marc: httpx.AsyncClient, anne: httpx.AsyncClient
) -> None:
    account = (await account_of(server, people.ANNE_MODELE)).uid.hex()
    path, now = f"/console/comptes/{account}/certificats", server.house.clock.now()
    assert path in (await marc.get(path.removesuffix("/certificats"))).text
    refused = await send(marc, path, make("autre@ailleurs.example", now=now))
    assert refused.status_code == 400
    assert "établi pour autre@ailleurs.example" in refused.text
    assert (await send(marc, path, b"")).status_code == 400
    assert (await send(marc, path, make(ADDRESS, now=now))).status_code == 303
    page = await marc.get(path)
    assert ADDRESS in page.text
    assert "a publié un certificat pour vos adresses" in (await anne.get("/compte/consultations")).text
    assert (await marc.post(withdrawal(page))).status_code == 303
    assert (await marc.post(withdrawal(page))).status_code == 404

    own = (await account_of(server, people.MARC_COORDO)).uid.hex()
    assert "votre propre compte" in (await marc.get(f"/console/comptes/{own}/certificats")).text
    refused = await send(marc, f"/console/comptes/{own}/certificats", make(ADDRESS, now=now))
    assert refused.status_code == 403


async def test_a_key_changes_only_after_a_fresh_proof(server: Server, anne: httpx.AsyncClient) -> None:
    clock = server.house.clock
    assert isinstance(clock, MovableClock)
    content = make(ADDRESS, now=clock.now())
    clock.advance(server.house.sign_in.sessions.limits.fresh)
    answer = await send(anne, OWN, content)
    assert answer.headers["location"].startswith("/compte/confirmation")
    assert "Aucun certificat" in (await anne.get(OWN)).text
