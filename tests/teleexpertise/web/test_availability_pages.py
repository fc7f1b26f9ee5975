"""« Mes disponibilités » over HTTP: what is typed is kept, undone, refused with a sentence, and wakes what waits."""

import re
from datetime import UTC, date, datetime, time, timedelta

import httpx
from icalendar import Calendar

from miss.base.clock import MovableClock
from teleexpertise.availability import Leave, Territory, WeeklySlot
from teleexpertise.requests.model import State
from tests.teleexpertise.availability.calendars.ics import calendar, event
from tests.teleexpertise.web.conftest import Site

PAGE = "/teleexpertise/disponibilites"
REUNION = "Indian/Reunion"


def week(**rows: tuple[str, ...]) -> dict[str, list[str] | str]:
    """A form: `start_0=("09:00",)`…"""
    fields: dict[str, list[str] | str] = {"zone": REUNION, "territory": "FR-974", "action": "save"}
    return fields | {name.replace("_", "-"): list(values) for name, values in rows.items()}


def alert_of(answer: httpx.Response) -> str:
    [alert] = re.findall(r'<p class="error-summary" role="alert">([^<]+)</p>', answer.text)
    return str(alert)


async def test_a_week_is_kept_shown_copied_and_undone(site: Site) -> None:
    office = site.office
    async with site.signed_in(office.anne) as browser:
        empty = await browser.get(PAGE)
        assert "vous suivez les heures du groupe «\N{NO-BREAK SPACE}Dermatologie du Nord" in empty.text
        assert "9 h – 18 h" in empty.text, "what the pool's hours come to"
        fields = week(
            start_0=("09:00", "14:00", ""), end_0=("12:00", "00:00", ""), start_1=("08:00",), end_1=("09:00",)
        )
        saved = await browser.post(f"{PAGE}/semaine", data=fields, follow_redirects=True)
        assert "Votre semaine est enregistrée" in saved.text
        assert 'name="start-0" value="14:00"' in saved.text
        declared = await office.service.availabilities.get(office.anne.id)
        monday = (WeeklySlot(0, time(9), time(12), REUNION), WeeklySlot(0, time(14), time(0), REUNION))
        assert declared.weekly == (*monday, WeeklySlot(1, time(8), time(9), REUNION))
        assert declared.territory is Territory.LA_REUNION

        copy = {**fields, "action": "copy", "copy_from": "0", "copy_to": "working", "remove-0": ["1"]}
        await browser.post(f"{PAGE}/semaine", data=copy)
        copied = await office.service.availabilities.get(office.anne.id)
        assert copied.weekly == tuple(WeeklySlot(day, time(9), time(12), REUNION) for day in range(5))
        undone = await browser.post(f"{PAGE}/annuler", follow_redirects=True)
        assert "La modification est annulée" in undone.text
        assert await office.service.availabilities.get(office.anne.id) == declared


REFUSED = [
    (week(start_0=("12:00",), end_0=("09:00",)), "la fin doit suivre le début"),
    (week(start_0=("09:00",), end_0=("",)), "Une heure manque"),
    (week(start_0=("9 heures",), end_0=("12:00",)), "9 heures"),
    ({**week(start_0=("09:00",), end_0=("12:00",)), "zone": "Mars/Olympus"}, "Mars/Olympus"),
]


async def test_what_is_not_a_week_is_refused_and_stays_on_the_page(site: Site) -> None:
    async with site.signed_in(site.office.anne) as browser:
        for fields, said in REFUSED:
            refused = await browser.post(f"{PAGE}/semaine", data=fields)
            assert refused.status_code == 400
            assert said in alert_of(refused)
            assert f'value="{fields["start-0"][0]}"' in refused.text
    assert (await site.office.service.availabilities.get(site.office.anne.id)).weekly == ()


async def test_being_away_is_one_tap_and_its_undo_another(site: Site) -> None:
    async with site.signed_in(site.office.anne) as browser:
        for until, last_day in (("tonight", "20"), ("tomorrow", "21")):
            away = await browser.post(f"{PAGE}/absence", data={"until": until}, follow_redirects=True)
            assert f"Vous êtes absent jusqu’au {last_day} novembre 2026 inclus" in away.text
            twice = await browser.post(f"{PAGE}/absence", data={"until": until})
            assert "Retirez-la d’abord" in alert_of(twice)
            [absence] = re.findall(r'name="absence" value="([^"]+)"', away.text)
            back = await browser.post(f"{PAGE}/retour", data={"absence": absence}, follow_redirects=True)
            assert "Vous êtes de nouveau là" in back.text
        again = await browser.post(f"{PAGE}/retour", data={"absence": absence})
        assert "Rechargez la page" in alert_of(again)
        wrong = await browser.post(f"{PAGE}/absence", data={"until": "date", "last_day": "demain"})
        assert "« demain »" in alert_of(wrong)


async def test_who_comes_back_is_offered_what_waits(site: Site) -> None:
    office, a_month = site.office, {"until": "date", "last_day": "2026-12-20"}
    async with site.signed_in(office.karim) as karim, site.signed_in(office.anne) as anne:
        for browser in (karim, anne):
            assert (await browser.post(f"{PAGE}/absence", data=a_month)).status_code == 303
        await office.deliver(office.letter())
        assert (await office.request()).state is State.READY, "nobody is there before the deadline"
        account = await office.house.accounts.find_by_practitioner(office.anne.id)
        assert account is not None
        [absence] = await office.house.own.absences.list_(account, today=date(2026, 11, 20))
        await anne.post(f"{PAGE}/retour", data={"absence": absence.id})
        await office.run_jobs()
        assert (await office.request()).holder == office.anne.id


async def test_drawing_a_week_wakes_what_waits(site: Site, clock: MovableClock) -> None:
    office = site.office
    a_year = Leave(clock.now().date(), clock.now().date() + timedelta(days=500))
    for expert in (office.anne, office.karim):
        await office.service.availabilities.add_leave(expert.id, a_year)
    await office.deliver(office.letter())
    assert (await office.request()).state is State.READY
    async with site.signed_in(office.anne) as browser:
        today = {"day": "2026-11-20", "open": "yes", "start-exception": ["09:00"], "end-exception": ["18:00"]}
        assert (await browser.post(f"{PAGE}/jours/exceptions", data=today)).status_code == 303
    await office.run_jobs()
    assert (await office.request()).holder == office.anne.id


async def test_leave_and_unusual_days_are_added_shown_and_removed(site: Site) -> None:
    office, days = site.office, f"{PAGE}/jours"
    async with site.signed_in(office.anne) as browser:
        empty = await browser.get(days)
        assert "Aucun congé prévu" in empty.text
        assert "Aucun jour particulier" in empty.text
        leave = {"first_day": "2026-12-21", "last_day": "2026-12-27"}
        added = await browser.post(f"{days}/conges", data=leave, follow_redirects=True)
        assert "Vos congés sont enregistrés" in added.text
        assert "21 décembre 2026" in added.text
        turned = await browser.post(f"{days}/conges", data={"first_day": "2026-12-27", "last_day": "2026-12-21"})
        assert "finit avant de commencer" in alert_of(turned)
        saturday = {
            "day": "2026-11-28",
            "open": "yes",
            "start-exception": ["09:00", ""],
            "end-exception": ["12:00", ""],
        }
        opened = await browser.post(f"{days}/exceptions", data=saturday, follow_redirects=True)
        assert "9 h – 12 h" in opened.text
        closed = {"day": "2026-11-24", "open": "no", "start-exception": ["09:00"], "end-exception": ["12:00"]}
        await browser.post(f"{days}/exceptions", data=closed)
        blank = await browser.post(f"{days}/exceptions", data={"day": "2026-11-25", "open": "yes"})
        assert "Une heure manque" in alert_of(blank)
        declared = await office.service.availabilities.get(office.anne.id)
        assert declared.leaves == (Leave(date(2026, 12, 21), date(2026, 12, 27)),)
        assert [(one.day, len(one.slots)) for one in declared.exceptions] == [
            (date(2026, 11, 28), 1), (date(2026, 11, 24), 0),
        ]  # fmt: skip
        await browser.post(f"{days}/conges/retrait", data=leave)
        await browser.post(f"{days}/exceptions/retrait", data={"day": "2026-11-28"})
        await browser.post(f"{days}/exceptions/retrait", data={"day": "2026-11-24"})
        declared = await office.service.availabilities.get(office.anne.id)
        assert (declared.leaves, declared.exceptions) == ((), ())


async def test_limits_are_kept_and_read_beside_the_coordinators(site: Site) -> None:
    office = site.office
    async with site.signed_in(office.anne) as browser:
        saved = await browser.post(f"{PAGE}/limites", data={"cap": "2", "weekly_quota": ""}, follow_redirects=True)
        assert 'name="cap" type="number" min="1" max="999" inputmode="numeric" value="2"' in saved.text
        for wrong in ("0", "beaucoup", "99999", "²"):
            refused = await browser.post(f"{PAGE}/limites", data={"cap": wrong})
            assert "nombre entier" in alert_of(refused)
    declared = await office.service.availabilities.get(office.anne.id)
    assert (declared.cap, declared.weekly_quota) == (2, None)


async def test_a_calendar_is_sent_refused_removed_and_wakes_what_waits(site: Site, clock: MovableClock) -> None:
    office, agendas = site.office, f"{PAGE}/agendas"
    async with site.signed_in(office.anne) as browser:
        assert "Aucun agenda n’est relié" in (await browser.get(agendas)).text
        all_week = calendar(event("20261119", "20261231"))
        sent = await browser.post(
            f"{agendas}/fichier", files={"file": ("conges.ics", all_week, "text/calendar")}, follow_redirects=True
        )
        assert "L’agenda est relié" in sent.text
        assert "conges.ics" in sent.text
        assert "FICTIF" not in sent.text
        zone = await browser.post(f"{agendas}/fichier", files={"file": ("a.ics", calendar(event(zone="Lune")))})
        assert "« Lune »" in alert_of(zone)
        large = await browser.post(f"{agendas}/fichier", files={"file": ("a.ics", b" " * 10_000_000)})
        assert "dépasse 5 Mo" in alert_of(large)
        assert "Choisissez le fichier" in alert_of(await browser.post(f"{agendas}/fichier", data={}))
        inside = await browser.post(f"{agendas}/abonnement", data={"address": "https://127.0.0.1/a.ics"})
        assert "ne peut pas être suivie" in alert_of(inside)
        assert 'value="https://127.0.0.1/a.ics"' in inside.text

        everybody_away = Leave(clock.now().date(), clock.now().date() + timedelta(days=40))
        await office.service.availabilities.add_leave(office.karim.id, everybody_away)
        await office.deliver(office.letter())
        assert (await office.request()).state is State.READY, "one is on leave, the other has appointments"
        [linked] = await office.service.calendars.list_(office.anne.id)
        removed = await browser.post(f"{agendas}/{linked.id}/retrait", follow_redirects=True)
        assert "L’agenda est retiré" in removed.text
        await office.run_jobs()
        assert (await office.request()).holder == office.anne.id
    async with site.signed_in(office.karim) as stranger:
        for act in ("retrait", "relire"):
            assert (await stranger.post(f"{agendas}/{linked.id}/{act}")).status_code == 404


async def test_a_secret_address_gives_a_calendar_until_it_is_taken_back(site: Site) -> None:
    agendas = f"{PAGE}/agendas"
    async with site.signed_in(site.office.anne) as browser, site.browser() as software:
        shown = await browser.post(f"{agendas}/adresse")
        [link] = re.findall(r'value="(http://[^"]+\.ics)"', shown.text)
        feed = await software.get(link)
        assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
        assert len(Calendar.from_ical(feed.content).walk("VEVENT")) > 30
        assert link not in (await browser.get(agendas)).text, "it is shown once"
        await browser.post(f"{agendas}/adresse/retrait")
        assert (await software.get(link)).status_code == 404
        assert (await software.get(link.replace("calendriers/", "calendriers/x"))).status_code == 404


async def test_only_experts_have_these_pages(site: Site) -> None:
    async with site.signed_in(site.office.paul) as browser:
        assert (await browser.get(PAGE)).status_code == 403
        assert PAGE not in (await browser.get("/teleexpertise/demandes")).text


async def test_a_requester_reads_when_an_answer_may_come(site: Site, clock: MovableClock) -> None:
    """The evening before Paris changes its clocks, and Easter Monday after it: three working days end on Thursday."""
    office = site.office
    clock.advance_to(datetime(2027, 3, 27, 20, tzinfo=UTC))
    async with site.signed_in(office.paul) as browser:
        new = await browser.get("/teleexpertise/demandes/nouvelle")
        assert "Réponse promise avant jeudi 1 avril, 18 h." in new.text
        english = await browser.get("/teleexpertise/demandes/nouvelle", headers={"Accept-Language": "en"})
        assert "Answer promised before Thursday 1 April, 18:00." in english.text
        await office.deliver(office.letter())
        number = (await office.request()).number
        shown = await browser.get(f"/teleexpertise/demandes/{number}")
        assert "Réponse promise avant jeudi 1 avril, 18 h." in shown.text
        clock.advance(timedelta(days=10))
        assert "Réponse promise" not in (await browser.get(f"/teleexpertise/demandes/{number}")).text
