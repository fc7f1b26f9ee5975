"""The page of figures as technicians and auditors see it: pictures, tables beside them, CSV."""

import csv
import io
import re
from xml.etree import ElementTree

import httpx

from miss.base.ids import PractitionerId
from miss.directory.roles import Role
from miss.directory.sample import people
from miss.server.doors import Server
from tests.miss.server.console.kit import account_of

REUNION = ("99900000284", "99900000300", "99900000318", "99900000334", "99900000342")
"""Five people of La Réunion; the six of the demonstration who have an account are of the North."""
SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
PATH = "/console/statistiques"


async def count(server: Server) -> None:
    """Five more people are verified, then everybody is counted, as the job does at the first start."""
    for rpps in REUNION:
        account = await server.house.accounts.open(PractitionerId(f"8{rpps}"), by="test")
        await server.house.accounts.verify(account.uid, "test")
    await server.house.statistics.count()


async def page(client: httpx.AsyncClient, **asked: str) -> str:
    answer = await client.get(PATH, params=asked)
    assert answer.status_code == 200
    return answer.text


def pictures(html: str) -> list[ElementTree.Element]:
    """Each is well-formed XML by itself."""
    return [ElementTree.fromstring(svg) for svg in SVG.findall(html)]  # noqa: S314 - our own


def words(picture: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]


def read(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))


async def test_before_anything_was_counted_the_page_says_so(marc: httpx.AsyncClient) -> None:
    html = await page(marc)
    assert "Rien n&#39;a encore été compté" in html or "Rien n'a encore été compté" in html
    assert not pictures(html)
    answer = await marc.get(f"{PATH}.csv")
    assert (answer.status_code, answer.content) == (200, b"\xef\xbb\xbf")


async def test_the_pictures_say_what_the_tables_beside_them_say(server: Server, marc: httpx.AsyncClient) -> None:
    await count(server)
    html = await page(marc, par="region")
    curve, bars = pictures(html)
    for picture in (curve, bars):
        assert picture.get("role") == "img"
        assert picture.get("aria-label")
    assert words(bars) == ["Hauts-de-France", "6", "La Réunion", "5"]
    assert "11" in words(curve)
    widths = [float(bar.get("width", "0")) for bar in bars.iter("{http://www.w3.org/2000/svg}rect")]
    assert round(widths[1] / widths[0], 2) == round(5 / 6, 2)
    assert re.search(r'<th scope="row">Hauts-de-France</th><td class="number">6</td>', html)
    assert html.count("<caption>") == 2
    assert "Utilisateurs vérifiés par région" in html


async def test_few_people_are_hidden_on_the_page_and_in_the_csv(server: Server, marc: httpx.AsyncClient) -> None:
    await count(server)
    html = await page(marc, par="specialty")
    assert "&lt; 5" in html
    _, bars = pictures(html)
    assert set(words(bars)[1::2]) <= {"< 5", "n. c."}
    rows = read(await marc.get(f"{PATH}.csv", params={"par": "specialty"}))
    assert rows[0] == ["Code", "Spécialité", "Utilisateurs vérifiés"]
    assert ["SM15", "Dermatologie et Vénéréologie", "< 5"] in rows
    assert {row[2] for row in rows[1:]} <= {"< 5", "n. c."}


async def test_a_choice_that_does_not_exist_is_taken_for_the_first_one(server: Server, marc: httpx.AsyncClient) -> None:
    await count(server)
    plain = await page(marc)
    odd = await page(marc, mesure="x' OR 1=1", par="<b>", de="2026-13", a="\x00", profession="=1+1", region="99")
    assert [words(picture) for picture in pictures(odd)] == [words(picture) for picture in pictures(plain)]
    assert "<b>" not in odd
    assert "Rien sur cette période." in await page(marc, de="2999-01", a="1999-01", mesure="messages")


async def test_auditors_read_the_same_and_nothing_else_of_the_console(
    server: Server, anne: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await count(server)
    assert (await anne.get(PATH)).status_code == 403
    await server.house.roles.appoint(await account_of(server, people.ANNE_MODELE), Role.AUDITOR, by="cli:essai")
    anne.cookies.set("lang", "en")
    html = await page(anne, mesure="expertise_requests", par="region")
    assert "Requests for advice sent by region" in html
    assert f'href="{PATH}" aria-current="page">Statistics</a>' in html
    assert 'href="/console/comptes"' not in html
    assert (await stranger.get(f"{PATH}.csv")).status_code == 303


async def test_both_tables_are_read_back_from_their_csv(server: Server, marc: httpx.AsyncClient) -> None:
    await count(server)
    answer = await marc.get(f"{PATH}.csv", params={"par": "region"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = re.escape('attachment; filename="statistiques-users-') + r"\d{4}-\d\d-\d{4}-\d\d" + re.escape('.csv"')
    assert re.fullmatch(name, answer.headers["content-disposition"])
    assert read(answer)[1:] == [["32", "Hauts-de-France", "6"], ["04", "La Réunion", "5"]]
    rows = read(await marc.get(f"{PATH}.csv", params={"tableau": "mois"}))
    assert rows[0] == ["Mois", "Utilisateurs vérifiés"]
    assert rows[-1][1] == "11"
    assert len(rows) == 13
