"""A file of staff on its pages: shown, confirmed, refused line by line."""

from miss.directory.sample import people
from tests.miss.directory.establishments.lists import ANNE, HEADER, KARIM, SECRETARY, ZOE, as_csv, as_xlsx
from tests.miss.server.establishments.hospitals import DESK, LILLE, ODILE, Hospitals, alert, listed


async def test_a_file_is_shown_then_applied(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as http:
        content = as_xlsx([HEADER, ANNE, KARIM, SECRETARY])
        sent = await http.post(f"{DESK}/fichier", data={"complet": "oui"}, files={"fichier": ("liste.xlsx", content)})
        preview = sent.headers["location"]
        page = await http.get(preview)
        assert "<dt>Ajouts</dt><dd>3</dd>" in page.text
        assert await listed(hospitals) == []
        applied = await http.post(f"{preview}/confirmation")
        assert applied.headers["location"] == f"{DESK}?fait=fichier"
        assert len(await listed(hospitals)) == 3
        download = await http.get(f"{DESK}/personnel.csv")
        assert download.headers["content-disposition"] == f'attachment; filename="personnel-{LILLE}.csv"'
        again = await http.post(f"{DESK}/fichier", files={"fichier": ("liste.csv", download.content)})
        assert "il n'y a rien à appliquer" in (await http.get(again.headers["location"])).text
        assert (await http.post(f"{again.headers['location']}/abandon")).status_code == 303


async def test_much_removal_and_a_list_that_changed_are_asked_about_again(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as http:

        async def send(*rows: tuple[str, ...]) -> str:
            content = as_csv([HEADER, *rows])
            sent = await http.post(f"{DESK}/fichier", data={"complet": "oui"}, files={"fichier": ("l.csv", content)})
            return sent.headers["location"]

        await http.post(f"{await send(ANNE, KARIM)}/confirmation")
        preview = await send(ANNE)
        refused = await http.post(f"{preview}/confirmation")
        assert (refused.status_code, "retire 1 personnes sur 2" in alert(refused)) == (409, True)
        await http.post(f"{DESK}/personnel/nouveau", data=ODILE)
        changed = await http.post(f"{preview}/confirmation", data={"retraits": "oui"})
        # The refusal above was shown with a fresh preview, made before Odile came.
        assert (changed.status_code, "a changé entre-temps" in alert(changed)) == (409, True)
        assert "<dt>Retraits</dt><dd>2</dd>" in changed.text
        assert len(await listed(hospitals)) == 3
        await http.post(f"{preview}/confirmation", data={"retraits": "oui"})
        assert [one.facts.given for one in await listed(hospitals)] == ["Anne"]


async def test_a_file_with_errors_is_told_line_by_line(hospitals: Hospitals) -> None:
    async with hospitals.browser(people.ANNE_MODELE) as http:
        content = as_csv([HEADER, ANNE, (*ZOE[:4], "10003456781", "A3"), ("", *KARIM[1:])])
        page = await http.post(f"{DESK}/fichier", files={"fichier": ("l.csv", content)})
        assert "2 erreurs\N{NO-BREAK SPACE}: rien ne sera appliqué" in page.text
        assert "Ligne 3\N{NO-BREAK SPACE}: RPPS" in page.text
        assert "Ligne 4\N{NO-BREAK SPACE}: Nom" in page.text
        assert "confirmation" not in page.text
        for files in ({}, {"fichier": ("l.csv", b"\0\0")}, {"fichier": ("l.csv", b"a;b\n")}):
            refused = await http.post(f"{DESK}/fichier", data={"x": "y"}, files=files)
            assert refused.status_code == 400
            assert alert(refused)
        bulky = await http.post(f"{DESK}/fichier", files={"fichier": ("l.csv", b"x" * (11 << 20))})
        assert bulky.status_code in (400, 413)
    assert await listed(hospitals) == []
