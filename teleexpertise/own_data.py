"""What the service has of somebody, for the export of their own data: numbers and instants.

What was asked and answered is about patients: it is read in the requests themselves, by who may (`Reading`).
"""

from datetime import datetime

from miss.base.text import Text
from miss.directory.accounts import Account
from miss.server.own_data import Part
from teleexpertise.availability import WEEKDAYS, Availability, Leave
from teleexpertise.availability.calendars.model import ImportedCalendar
from teleexpertise.house import Teleexpertise
from teleexpertise.requests import store
from teleexpertise.requests.model import ExpertiseRequest

MOST = 2000
"""Requests of each list."""


async def own_data(service: Teleexpertise, account: Account) -> list[Part]:
    """What the account's holder asked, and what they answer or have answered."""
    async with service.parts.db.snapshot() as tx:
        asked = await store.list_of_requester(tx, account.practitioner_id, limit=MOST)
        held = await store.list_held(tx, account.practitioner_id, limit=MOST)
        answered = await store.list_answered(tx, account.practitioner_id, limit=MOST)
    return [
        Part(
            "demandes",
            Text(fr="Demandes d’avis que j’ai faites", en="Requests for advice that I made"),
            [_line(service, one.request) for one in asked],
        ),
        Part(
            "avis",
            Text(fr="Avis que j’ai rendus ou que j’ai à rendre", en="Advice that I gave or have to give"),
            [_line(service, one.request) for one in (*held, *answered)],
        ),
        Part(
            "modeles",
            Text(fr="Mes modèles de texte", en="My answer templates"),
            [
                {"Titre": one.title, "Texte": one.text, "Modifié le": _instant(one.updated_at)}
                for one in await service.templates.own(account.practitioner_id)
            ],
        ),
        Part(
            "disponibilites",
            Text(fr="Mes disponibilités d’expert", en="My availability as an expert"),
            _availability(await service.availabilities.get(account.practitioner_id)),
        ),
        Part(
            "agendas",
            Text(fr="Agendas que j’ai reliés", en="Calendars that I linked"),
            [_calendar(one) for one in await service.calendars.list_(account.practitioner_id)],
        ),
    ]


def _line(service: Teleexpertise, request: ExpertiseRequest) -> dict[str, object]:
    return {
        "Numéro": request.number,
        "Spécialité": service.parts.form_title(request.canonical),
        "État": request.state.value,
        "Créée le": _instant(request.created_at),
        "Envoyée le": _instant(request.sent.at) if request.sent else "",
        "Échéance": _instant(request.sent.deadline_at) if request.sent else "",
        "Terminée le": _instant(request.ended_at) if request.ended_at else "",
    }


def _availability(declared: Availability) -> list[dict[str, object]]:
    weekly = [(WEEKDAYS[one.weekday].fr, one.slot) for one in declared.weekly]
    unusual = [(one.day.isoformat(), slot) for one in declared.exceptions for slot in one.slots]
    closed = [Leave(one.day, one.day) for one in declared.exceptions if not one.slots]
    lines = [(day, f"{slot.start:%H:%M}", f"{slot.end:%H:%M}", slot.zone) for day, slot in (*weekly, *unusual)]
    lines += [
        ("absence", one.first_day.isoformat(), one.last_day.isoformat(), "") for one in (*declared.leaves, *closed)
    ]
    return [dict(zip(("Quand", "De", "À", "Fuseau"), line, strict=True)) for line in lines]


def _calendar(calendar: ImportedCalendar) -> dict[str, object]:
    """Neither its address nor what it says: both are secrets that lie with its owner already."""
    return {
        "Nom": calendar.name,
        "Relié le": _instant(calendar.added_at),
        "Lu le": _instant(calendar.read_at) if calendar.read_at else "",
        "Événements": calendar.events,
    }


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
