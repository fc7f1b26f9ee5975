"""The chat, built for the composition root."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from miss.base.ids import PractitionerId
from miss.chat import (
    Chat,
    ChatLimits,
    HttpRates,
    SocketCaps,
    per_hour,
    per_minute,
    session_limits,
)
from miss.chat.search import AwayUntil
from miss.directory.search.quota import daily_rate
from miss.directory.signer import Signer
from miss.server.house import House
from miss.server.mails.wakeups import WakeupMails
from miss.server.web.own_absences import today
from miss.server.wiring.push import build_push


def build_chat(house: House, signer: Signer) -> Chat:
    """The chat on the house's rooms, with the limits of its settings."""
    settings = house.settings
    return Chat(
        db=house.db,
        broker=house.broker,
        blobs=house.blobs,
        clock=house.clock,
        random_bytes=house.random_bytes,
        accounts=house.accounts,
        practitioners=house.practitioners,
        signer=signer,
        metrics=house.metrics,
        public_origin=settings.public_origin,
        notify=WakeupMails(
            house.accounts, house.practitioners, house.own.preferences, house.outbox, settings.mail_domain
        ),
        blocks_among=house.own.blocking.list_between,
        redirections_of=house.retirements.redirections_of,
        away_until=_away_until(house),
        push=build_push(house),
        limits=ChatLimits(
            session=session_limits(settings.send_burst, settings.send_per_s),
            retention=timedelta(days=settings.retention_days),
            http=HttpRates(
                commits=per_minute(settings.http_commits_per_min),
                blobs=per_minute(settings.http_blobs_per_min),
                requests=per_minute(settings.http_requests_per_min),
                identity=per_minute(settings.http_identity_per_min),
                searches=per_hour(settings.searches_per_hour),
                searches_daily=daily_rate(settings.searches_per_day),
                openings=per_minute(settings.socket_openings_per_min),
            ),
            sockets=SocketCaps(
                per_address=settings.sockets_per_address,
                unknown_per_address=settings.sockets_unknown_per_address,
                per_account=settings.sockets_per_account,
                per_process=settings.sockets_per_process,
            ),
            gather_s=settings.gather_ms / 1000,
        ),
    )


def _away_until(house: House) -> AwayUntil:
    """By the calendar that the pages show."""

    async def away_until(people: Collection[PractitionerId]) -> Mapping[PractitionerId, date]:
        absences = await house.own.absences.list_current(people, today=today(house.clock.now()))
        return {person: absence.last_day for person, absence in absences.items()}

    return away_until
