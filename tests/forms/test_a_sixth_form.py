"""Adding a specialty takes a JSON file and no code: diabetic foot wounds, from the file to the answer in the record."""

import shutil
from datetime import time, timedelta
from pathlib import Path

import pytest

import forms
from miss.server.house import House
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.house import build
from teleexpertise.questionnaire.registry import lint_forms
from teleexpertise.questionnaire.render import mail_template
from teleexpertise.requests.model import State
from teleexpertise.settings import TeleexpertiseSettings
from tests.teleexpertise.answers.test_service import ADVICE, save
from tests.teleexpertise.conftest import house
from tests.teleexpertise.office import END, HEADER, PARIS, Office, open_office, photo, text_of
from tests.teleexpertise.one_database import db

__all__ = ["db", "house"]

SIXTH = Path(__file__).parent / "pied-diabetique"
ANSWERS = """
Formulaire : pied-diabetique
f.alerte : non
c.delai : 72 h
c.but : Conduite à tenir
c.question : Faut-il une décharge stricte ?
c.terrain : Diabète
c.allergie : non
c.information : oui
f.diabete : Type 2
f.pied : Gauche
f.siege : Plante
f.date : 02/11/2026
f.longueur : 2,5
f.largeur : 1,5
f.os : Non
f.infection : Aucun
f.pouls : Absents
f.ips : IPS 0,6 à gauche
f.sensibilite : Non senti
f.decharge : Aucune
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The forms that ship, and one more."""
    copied = tmp_path / "forms"
    shutil.copytree(Path(forms.__file__).parent, copied, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    shutil.copytree(SIXTH, copied / SIXTH.name)
    return copied


@pytest.fixture
async def office(house: House, folder: Path, tmp_path: Path) -> Office:
    """The service with six specialties, and a pool for the sixth."""
    service = build(house, TeleexpertiseSettings(forms_dir=folder))
    house.intakes.register(service.mail)
    for handler in (house.intakes.job_handler(), house.outbox.job_handler(), *service.job_handlers()):
        house.jobs.register(handler)
    office = await open_office(house, service, tmp_path / "spool")
    pool = await service.dispatch.create_pool(
        name="Pied diabétique",
        questionnaire="pied-diabetique",
        coordinator_id=office.marc.id,
        hours=Availability(weekly=tuple(WeeklySlot(day, time(9), time(18), PARIS) for day in range(5))),
        zone=PARIS,
        answer_within=timedelta(hours=27),
        accept_within=timedelta(hours=4),
        answer_time=timedelta(minutes=30),
    )
    await service.dispatch.put_member(pool.id, office.claire.id)
    return office


def test_the_lint_finds_nothing(folder: Path) -> None:
    assert {path: faults for path, faults in lint_forms(folder).items() if faults} == {}


async def test_it_is_asked_by_mail_and_answered(office: Office) -> None:
    asked = office.letter(
        subject="Demande d'avis pied",
        text=HEADER + ANSWERS + END,
        files=(("vue.jpg", photo()), ("pres.jpg", photo("red"))),
    )
    await office.deliver(asked)
    request = await office.request()
    assert (request.state, request.holder) == (State.ASSIGNED, office.claire.id)
    await office.service.requests.accept(request.id, office.claire.id)
    held = await office.request()
    await save(office, held, ADVICE)
    await office.service.answering.send(held.id, office.claire.id)
    await office.run_jobs()
    answer = text_of(office.mails_to(office.paul)[-1])
    assert "Plaies du pied diabétique" in answer
    assert "Dermocorticoïde." in answer
    assert await office.dead_jobs() == []


async def test_what_it_lacks_is_named_in_its_own_words(office: Office) -> None:
    without = ANSWERS.replace("f.ips : IPS 0,6 à gauche\n", "")
    await office.deliver(office.letter(text=HEADER + without + END))
    assert (await office.request()).state is State.DRAFT
    assert "IPS ou pression d'orteil" in text_of(office.mails_to(office.paul)[-1])


async def test_its_mail_template_asks_it_all(office: Office) -> None:
    form = office.service.registry.published("pied-diabetique")
    # Long labels go over several lines.
    words = " ".join(mail_template(form).replace("#", "").split())
    assert [item.link_id for item in form.questions() if item.label.fr not in words] == []
