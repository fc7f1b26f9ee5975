"""Signing up from the first form to the first sign-in, through the pages, the mails and the letter."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from miss.base.clock import MovableClock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.base.text import Language, Text
from miss.directory.accounts import ActivationPurpose
from miss.directory.agreements import Agreement, Document, Signature, load_agreements
from miss.directory.agreements.model import in_force
from miss.directory.agreements.store import insert
from miss.directory.audit import Subject
from miss.directory.sample import people
from miss.server.demo.mailbox import text_of
from miss.server.doors import Server
from miss.storage import Transaction
from tests.miss.server.console.kit import browser, mails_to

CONTACT = "ines@contact.example"
FORM: Mapping[str, Any] = {
    "rpps": people.INES_BROUILLON,
    "family": "Brouillon",
    "given": "Inès",
    "profession": "10",
    "organization": "Cabinet fictif de cardiologie",
    "address": "11 rue de l'Exemple",
    "postcode": "59000",
    "town": "Lille",
    "email": CONTACT,
    "formats": ["hprim_text", "attachments"],
    "accept": [one.digest.hex() for one in in_force(load_agreements())],
}
PDF = b"%PDF-1.7\n% carte fictive"
PASSWORD = "girafe lundi compas verglas"
FOLLOW = re.compile(r"http://\S+(/inscription/suivi/[\w-]+={0,2})")
CODE = re.compile(r"([0-9A-Z]{4})\s+–\s+([0-9A-Z]{4})\s+–\s+([0-9A-Z]{4})")


async def submit(client: httpx.AsyncClient, **changed: Any) -> httpx.Response:
    return await client.post("/inscription", data={**FORM, **changed})


async def follow_link(server: Server, address: str = CONTACT) -> str:
    """The path of the link in the last mail to that address."""
    [*_, mail] = await mails_to(server, address)
    [path] = FOLLOW.findall(text_of(mail))
    return str(path)


async def queued(client: httpx.AsyncClient, state: str = "attente") -> list[str]:
    """The paths of the requests in a list of the console."""
    page = (await client.get(f"/console/inscriptions?etat={state}")).text
    return re.findall(r'<a data-row href="(/console/inscriptions/[0-9a-f-]{36})"', page)


async def test_a_lost_link_is_sent_to_who_made_the_request_and_the_page_tells_nobody(
    server: Server, stranger: httpx.AsyncClient
) -> None:
    lost = "/inscription/lien-perdu"
    assert lost in (await stranger.get("/inscription")).text
    await submit(stranger)
    first = await follow_link(server)
    known = await stranger.post(lost, data={"email": f" {CONTACT.upper()} "})
    unknown = await stranger.post(lost, data={"email": "personne@contact.example"})
    assert (known.status_code, known.text) == (200, unknown.text)
    assert "vient de partir" in known.text
    second = await follow_link(server)
    assert second != first
    assert (await stranger.get(second)).status_code == (await stranger.get(first)).status_code == 200
    assert await mails_to(server, "personne@contact.example") == []
    assert "lien de suivi" in str((await mails_to(server, CONTACT))[-1]["Subject"])
    assert (await stranger.post(lost, data={"email": "personne"})).status_code == 400
    for email in (CONTACT, "personne@contact.example"):
        answers = [await stranger.post(lost, data={"email": email}) for _ in range(3)]
        assert answers[-1].status_code == 429, "as patient with either"
        assert "Retry-After" in answers[-1].headers
    english = await stranger.get(lost, headers={"Accept-Language": "en"})
    assert "I lost my follow link" in english.text


async def test_from_the_form_to_the_first_sign_in(
    server: Server, stranger: httpx.AsyncClient, marc: httpx.AsyncClient
) -> None:
    sent = await submit(stranger)
    assert (sent.status_code, sent.headers["location"]) == (303, "/inscription/recue")
    assert "suivi" not in (await stranger.get("/inscription/recue")).text
    follow = await follow_link(server)
    assert "reçue" in (await stranger.get(follow)).text
    added = await stranger.post(f"{follow}/pieces", files={"file": ("carte.pdf", PDF, "text/html")})
    assert added.status_code == 303
    assert "carte.pdf" in (await stranger.get(follow)).text

    assert "Inscriptions à examiner" in (await marc.get("/console")).text
    [path] = await queued(marc)
    detail = (await marc.get(path)).text
    assert "concorde" in detail
    assert "carte.pdf" in detail
    [piece] = re.findall(rf'href="({path}/pieces/[0-9a-f-]+)"', detail)
    shown = await marc.get(piece)
    assert shown.content == PDF
    assert shown.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in shown.headers["content-security-policy"]
    confirm = (await marc.get(f"{path}/approbation")).text
    assert "Tout concorde" in confirm
    approved = await marc.post(f"{path}/approbation")
    assert approved.headers["location"] == f"{path}?fait=accord"
    after = (await marc.get(f"{path}?fait=accord")).text
    assert "Compte ouvert et vérifié" in after
    assert "11 Rue de l&#39;Exemple" in after, "the address of the register"
    assert "acceptée" in (await stranger.get(await follow_link(server))).text

    letter = await marc.post(f"{path}/lettre", data={"address": "0"})
    assert letter.headers["content-type"] == "application/pdf"
    assert letter.headers["cache-control"] == "no-store"
    text = PdfReader(BytesIO(letter.content)).pages[0].extract_text()
    assert "11 Rue de l'Exemple" in text
    assert "59000 LILLE" in text
    codes = ["-".join(groups) for groups in CODE.findall(text)]
    assert len(set(codes)) == 2
    again = (await marc.get(path)).text
    assert not any(code in again for code in codes)

    form = {"rpps": people.INES_BROUILLON, "code": codes[0], "password": PASSWORD, "password_again": PASSWORD}
    assert (await stranger.post("/activation", data=form)).headers["location"] == "/"
    assert "Bonjour Dr Inès BROUILLON" in (await stranger.get("/")).text
    account = await server.house.accounts.check_activation(people.INES_BROUILLON, codes[1], ActivationPurpose.DEVICE)
    assert account.practitioner_id == f"8{people.INES_BROUILLON}"
    assert (await stranger.get("/compte")).status_code == 200, "nothing left to accept"

    page = await server.house.audit.list_(subject=Subject("registration", path.rpartition("/")[2]), limit=100)
    acts = [one.fact.act for one in reversed(page.entries) if one.fact]
    assert acts[:4] == [
        "registration.submit",
        "registration.add_evidence",
        "registration.read",
        "registration.evidence.read",
    ]
    assert {"registration.take", "registration.approve", "registration.letter"} <= set(acts)


async def test_printing_again_makes_the_first_letter_worthless(
    server: Server, stranger: httpx.AsyncClient, marc: httpx.AsyncClient
) -> None:
    await submit(stranger)
    [path] = await queued(marc)
    early = await marc.post(f"{path}/lettre")
    assert early.status_code == 409
    await marc.post(f"{path}/approbation")
    letters = [await marc.post(f"{path}/lettre", data={"address": "given"}) for _ in range(2)]
    first, second = (
        "-".join(CODE.findall(PdfReader(BytesIO(one.content)).pages[0].extract_text())[0]) for one in letters
    )
    form = {"rpps": people.INES_BROUILLON, "password": PASSWORD, "password_again": PASSWORD}
    assert (await stranger.post("/activation", data={**form, "code": first})).status_code == 400
    assert (await stranger.post("/activation", data={**form, "code": second})).status_code == 303


async def test_approving_asks_who_one_is_again(
    server: Server, stranger: httpx.AsyncClient, marc: httpx.AsyncClient
) -> None:
    await submit(stranger)
    [path] = await queued(marc)
    assert isinstance(server.house.clock, MovableClock)
    server.house.clock.advance(timedelta(minutes=11))
    for method, page in (("GET", "approbation"), ("POST", "approbation"), ("POST", "lettre")):
        asked = await marc.request(method, f"{path}/{page}", headers={"Referer": f"http://x{path}"})
        assert asked.headers["location"].startswith("/compte/confirmation?")
    assert await server.house.accounts.find_by_rpps(people.INES_BROUILLON) is None


async def test_a_question_and_a_refusal_reach_the_person(
    server: Server, stranger: httpx.AsyncClient, marc: httpx.AsyncClient
) -> None:
    await submit(stranger)
    [path] = await queued(marc)
    assert (await marc.post(f"{path}/complement", data={"words": "  "})).status_code == 400
    await marc.post(f"{path}/complement", data={"words": "Votre carte <CPS> ?"})
    assert await queued(marc) == []
    assert await queued(marc, "complement") == [path]
    follow = await follow_link(server)
    assert "Votre carte &lt;CPS&gt; ?" in (await stranger.get(follow)).text
    empty = await stranger.post(f"{follow}/reponse", data={"words": ""})
    assert (empty.status_code, 'role="alert"' in empty.text) == (400, True)
    await stranger.post(f"{follow}/reponse", data={"words": "Je l'ai <jointe>"})
    assert await queued(marc) == [path]
    assert "Je l&#39;ai &lt;jointe&gt;" in (await marc.get(path)).text
    none = await marc.post(f"{path}/refus", data={"words": "non"})
    assert none.status_code == 400
    await marc.post(f"{path}/refus", data={"reason": ["identity", "forged"], "words": "Carte illisible."})
    assert await queued(marc, "closes") == [path]
    [*_, mail] = await mails_to(server, CONTACT)
    told = text_of(mail)
    assert "n’a pas pu être établie" in told
    assert "Carte illisible." in told
    assert "refusée" in (await stranger.get(await follow_link(server))).text
    late = await stranger.post(f"{follow}/pieces", files={"file": ("carte.pdf", PDF)})
    assert late.status_code == 409


async def test_who_made_two_requests_has_them_joined(
    server: Server, stranger: httpx.AsyncClient, marc: httpx.AsyncClient
) -> None:
    await submit(stranger)
    await submit(stranger, email="autre@contact.example", family="Brouilon")
    stays, goes = await queued(marc)
    detail = (await marc.get(goes)).text
    assert "douteux" in detail
    identifier = stays.rpartition("/")[2]
    assert f"{goes}/reunion?avec={identifier}" in detail
    both = (await marc.get(f"{goes}/reunion?avec={identifier}")).text
    assert "autre@contact.example" in both
    assert CONTACT in both
    joined = await marc.post(f"{goes}/reunion", data={"into": identifier})
    assert joined.headers["location"] == f"{stays}?fait=reunion"
    assert await queued(marc) == [stays]
    assert stays in (await marc.get(goes)).text
    again = await marc.post(f"{goes}/reunion", data={"into": identifier})
    assert again.status_code == 409
    assert (await marc.get(f"{stays}/reunion?avec=rien")).status_code == 404


async def test_what_strangers_write_is_shown_as_they_wrote_it(
    server: Server, stranger: httpx.AsyncClient, marc: httpx.AsyncClient
) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    formula = '=HYPERLINK("http://x.example";"ici")'
    sent = await submit(
        stranger, organization=hostile, address=formula, town=hostile, software="{{ 7*7 }}", comment=f"{hostile}\r\n%0d"
    )
    assert sent.status_code == 303
    [path] = await queued(marc)
    for page in ("/console/inscriptions", path, f"{path}/approbation"):
        text = (await marc.get(page)).text
        assert "<img" not in text.replace('<img src="/static/', "")
    assert "{{ 7*7 }}" in (await marc.get(path)).text
    follow = await follow_link(server)
    assert "<img src=x" not in (await stranger.get(follow)).text
    refused = await submit(stranger, family=hostile, organization=hostile)
    assert refused.status_code == 400
    assert "<img src=x" not in refused.text
    await marc.post(f"{path}/approbation")
    letter = await marc.post(f"{path}/lettre", data={"address": "given"})
    text = PdfReader(BytesIO(letter.content)).pages[0].extract_text()
    assert "=HYPERLINK" in text


async def test_a_document_that_is_none_is_refused_and_kept_nowhere(
    server: Server, stranger: httpx.AsyncClient, marc: httpx.AsyncClient
) -> None:
    await submit(stranger)
    follow = await follow_link(server)
    huge = b"%PDF-" + bytes(5_000_001)
    for content, status in (
        (b"<script>alert(1)</script>", 400),
        (b"GIF89a", 400),
        (b"", 400),
        (huge, 413),
        (bytes(6_000_000), 413),
    ):
        refused = await stranger.post(f"{follow}/pieces", files={"file": ("carte.pdf", content, "application/pdf")})
        assert refused.status_code == status
    assert "rien n’a été gardé" in refused.text, "the rest of it was not read"
    much = await submit(stranger, comment="x" * 200_000)
    assert much.status_code == 413
    assert (await stranger.post(f"{follow}/pieces", data={"file": "texte"})).status_code == 400
    unreadable = await stranger.post(
        f"{follow}/pieces", content=b"--x\r\nno", headers={"Content-Type": "multipart/form-data; boundary=y"}
    )
    assert unreadable.status_code == 400
    assert "Aucun document pour" in (await stranger.get(follow)).text
    await stranger.post(f"{follow}/pieces", files={"file": ("../../é<b>.png", b"\x89PNG\r\n\x1a\n123")})
    [path] = await queued(marc)
    detail = (await marc.get(path)).text
    assert "<b>" not in detail
    [piece] = re.findall(rf'href="({path}/pieces/[0-9a-f-]+)"', detail)
    shown = await marc.get(piece)
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"].startswith('inline; filename="piece-')
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_everybody_gets_the_same_answer(server: Server, stranger: httpx.AsyncClient) -> None:
    answers = []
    # Somebody with an account, somebody of the register without, a number that nobody has.
    for rank, rpps in enumerate((people.ANNE_MODELE, people.INES_BROUILLON, "99900000474")):
        address = f"personne{rank}@contact.example"
        sent = await submit(stranger, rpps=rpps, email=address)
        [mail] = await mails_to(server, address)
        told = re.sub(r"suivi/\S+", "suivi/", text_of(mail))
        page = (await stranger.get(await follow_link(server, address))).text
        steady = re.sub(r"suivi/[\w-]+={0,2}|\d\d:\d\d", "", page)
        answers.append((sent.status_code, sent.headers["location"], mail["Subject"], told, steady))
    assert answers[0] == answers[1] == answers[2]


async def test_the_register_fills_the_form_but_not_for_the_red_list(
    server: Server, stranger: httpx.AsyncClient
) -> None:
    asked = {"rpps": people.PAUL_EXEMPLE, "town": "Roubaix", "lookup": "1"}
    filled = (await stranger.post("/inscription", data=asked)).text
    for value in ("EXEMPLE", "Paul", "59140", "Roubaix", "10 Rue de l&#39;Exemple"):
        assert f'value="{value}"' in filled
    assert '10" selected' in filled
    house = server.house
    paul = await house.practitioners.find_by_rpps(people.PAUL_EXEMPLE)
    assert paul is not None
    hidden = type(paul.entry)(is_red_listed=True)
    await house.practitioners.describe(paul.id, hidden, by="test")
    pages = [
        (await stranger.post("/inscription", data={**asked, "rpps": rpps})).text.replace(rpps, "")
        for rpps in (people.PAUL_EXEMPLE, "99900000474")
    ]
    assert pages[0] == pages[1]
    assert "ne publie rien" in pages[0]


async def test_faults_are_listed_with_links_to_their_fields(stranger: httpx.AsyncClient) -> None:
    refused = await submit(stranger, family="", rpps="99900000079", accept=[], formats=[])
    assert refused.status_code == 400
    for name in ("family", "rpps", "formats", "accept"):
        assert f'<a href="#{name}">' in refused.text
        assert f'id="{name}"' in refused.text
    assert 'value="Inès"' in refused.text, "what was typed stays"


async def test_sign_ups_are_bounded_by_address(server: Server, stranger: httpx.AsyncClient) -> None:
    answers = [await submit(stranger) for _ in range(4)]
    assert [one.status_code for one in answers] == [303, 303, 303, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
    statuses = [(await submit(stranger, email=f"p{rank}@contact.example")).status_code for rank in range(20)]
    assert statuses.count(303) == 20 - 4
    assert statuses[-1] == 429


async def test_only_technicians_see_requests(
    server: Server, stranger: httpx.AsyncClient, marc: httpx.AsyncClient, anne: httpx.AsyncClient
) -> None:
    await submit(stranger)
    [path] = await queued(marc)
    for page in ("/console/inscriptions", path, f"{path}/approbation"):
        assert (await anne.get(page)).status_code == 403
        assert (await stranger.get(page)).headers["location"].startswith("/connexion")
    assert (await anne.post(f"{path}/approbation")).status_code == 403


async def test_a_new_version_is_asked_for_before_anything_else(server: Server, anne: httpx.AsyncClient) -> None:
    house = server.house
    account = await house.accounts.find_by_rpps(people.ANNE_MODELE)
    assert account is not None
    assert (await anne.get("/compte")).status_code == 200, "she never signed anything"
    assert "rien à accepter" in (await anne.get("/engagements")).text
    async with house.db.transaction() as tx:
        await _sign_an_old_version(tx, house.random_bytes, account.uid, house.clock.now())
    asked = await anne.get("/compte")
    assert (asked.status_code, asked.headers["location"]) == (303, "/engagements?suite=%2Fcompte")
    program = await anne.get("/compte", headers={"Accept": "application/json"})
    assert (program.status_code, program.json()["code"]) == (403, "agreements_needed")
    for page in ("/compte/securite", "/compte/sessions", "/", "/engagements/terms"):
        assert (await anne.get(page)).status_code == 200, page
    shown = await anne.get("/engagements?suite=/compte")
    digests = re.findall(r'name="accept" value="([0-9a-f]{64})"', shown.text)
    assert len(digests) == 2
    half = await anne.post("/engagements", data={"accept": digests[:1], "suite": "/compte"})
    assert (half.status_code, "alert" in half.text) == (400, True)
    away = await anne.post("/engagements", data={"accept": digests, "suite": "//ailleurs.example"})
    assert away.headers["location"] == "/"
    assert (await anne.get("/compte")).status_code == 200


async def _sign_an_old_version(tx: Transaction, random_bytes: RandomBytes, uid: AccountId, now: datetime) -> None:
    old = Agreement(Document.CHARTER, "2020-01", Text(fr="Charte", en="Charter"), Text(fr="Mot", en="Word"))
    signature = Signature("Dr Anne MODELE", "192.0.2.7", Language.FR)
    await insert(tx, old, signature, now, uid=uid, registration_id="", random_bytes=random_bytes)


async def test_an_attestation_is_downloaded_and_checked_by_anybody(
    server: Server, stranger: httpx.AsyncClient, anne: httpx.AsyncClient
) -> None:
    assert (await stranger.get("/compte/attestation.pdf")).headers["location"].startswith("/connexion")
    made = await anne.get("/compte/attestation.pdf")
    assert made.headers["content-type"] == "application/pdf"
    text = PdfReader(BytesIO(made.content)).pages[0].extract_text()
    assert "Dr Anne MODELE" in text
    [number] = re.findall(r"Numéro ([0-9A-Z-]{19})", text)
    typed = await stranger.get("/attestation", params={"numero": number.lower().replace("-", " ")})
    assert typed.headers["location"] == f"/attestation/{number}"
    valid = (await stranger.get(f"/attestation/{number}")).text
    assert "Attestation valable" in valid
    assert "MODELE" not in valid, "and no more"
    account = await server.house.accounts.find_by_rpps(people.ANNE_MODELE)
    assert account is not None
    await server.house.accounts.suspend(account.uid, "test", "essai")
    unknown = (await stranger.get("/attestation/0000-0000-0000-0000")).text
    known = (await stranger.get(f"/attestation/{number}")).text
    assert "non valable" in known
    assert known.replace(number, "") == unknown.replace("0000-0000-0000-0000", ""), "neither says why"


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_texts_can_be_read_by_anybody(server: Server, language: str) -> None:
    async with browser(server) as client:
        client.headers["Accept-Language"] = language
        for one in in_force(load_agreements()):
            page = await client.get(f"/engagements/{one.document.value}")
            assert (one.title.fr if language == "fr" else one.title.en) in page.text
            assert one.version in page.text
        assert (await client.get("/engagements/autre")).status_code == 404
        assert (await client.get("/engagements/charter?version=1999-01")).status_code == 404
