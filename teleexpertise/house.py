"""The service built on the house's parts: constructed once, by the plug-in, the commands and the tests."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files

from miss.directory.absence import Absences
from miss.directory.establishments.quotas import Allowances
from miss.mail.addresses import Mailbox, parse_address
from miss.photos import PhotoSandbox
from miss.server.house import House
from miss.storage.jobs import JobHandler
from teleexpertise.answers.corrections import Corrections
from teleexpertise.answers.reorientation import Reorientation
from teleexpertise.answers.service import Answering
from teleexpertise.answers.templates import AnswerTemplates
from teleexpertise.appointments.service import Appointments
from teleexpertise.attachments.pdfs import PdfSandbox
from teleexpertise.attachments.service import Attachments
from teleexpertise.availability import Availabilities
from teleexpertise.availability.calendars.fetching import CalendarFetcher
from teleexpertise.availability.calendars.service import Calendars
from teleexpertise.billing import Billing, load_rates
from teleexpertise.board import Board
from teleexpertise.board.live import Live
from teleexpertise.diagnoses import Diagnoses
from teleexpertise.dispatch import Dispatch
from teleexpertise.dispatch.conflicts import Conflicts
from teleexpertise.dispatch.pools import Pools
from teleexpertise.follow_up import FollowUp, SeriesReading
from teleexpertise.intake.drafts import Drafts
from teleexpertise.intake.from_mail import MailRequests
from teleexpertise.intake.service import Intake
from teleexpertise.intake.waiting import Waiting
from teleexpertise.letters.envelope import Platform
from teleexpertise.planning.service import Planning
from teleexpertise.probing.form import load_form
from teleexpertise.probing.upkeep import ProbeUpkeep
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.reminders.service import Reminders
from teleexpertise.requests.afterwards import Afterwards
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.break_glass.service import Glass
from teleexpertise.requests.content import Vault
from teleexpertise.requests.documents import RequestDocuments
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.reading import Reading
from teleexpertise.requests.routing import Routing
from teleexpertise.requests.service import Requests
from teleexpertise.requests.steering import Steering
from teleexpertise.retention import Retention
from teleexpertise.second_reading.service import SecondReadings
from teleexpertise.settings import TeleexpertiseSettings


@dataclass(frozen=True, slots=True)
class Teleexpertise:
    """Every room of the service, ready to use."""

    parts: Parts
    availabilities: Availabilities
    absences: Absences
    calendars: Calendars
    planning: Planning
    dispatch: Dispatch
    intake: Intake
    waiting: Waiting
    drafts: Drafts
    assignment: Assignment
    requests: Requests
    afterwards: Afterwards
    steering: Steering
    routing: Routing
    answering: Answering
    templates: AnswerTemplates
    diagnoses: Diagnoses
    follow_up: FollowUp
    series: SeriesReading
    billing: Billing
    reading: Reading
    documents: RequestDocuments
    mail: MailRequests
    board: Board
    live: Live
    reminders: Reminders
    corrections: Corrections
    reorientation: Reorientation
    second_readings: SecondReadings
    appointments: Appointments
    retention: Retention
    glass: Glass
    probes: ProbeUpkeep

    @property
    def registry(self) -> FormRegistry:
        return self.parts.registry

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handlers of the service's timers."""
        timed = (self.assignment, self.afterwards, self.calendars, self.reminders, self.follow_up, self.second_readings)
        handlers = tuple(handler for room in (*timed, self.waiting) for handler in room.job_handlers())
        return (*handlers, self.retention.job_handler(), self.probes.job_handler())


def load_registry(settings: TeleexpertiseSettings) -> FormRegistry:
    """The forms of this deployment.  Raises FormsFaulty."""
    return FormRegistry.load(settings.forms_dir, load_form()) if settings.forms_dir else _packaged_forms()


@cache
def _packaged_forms() -> FormRegistry:
    """Those that come with MiSS: published forms never change, so a process reads them once."""
    return FormRegistry.load(files("forms"), load_form())


def build(house: House, settings: TeleexpertiseSettings) -> Teleexpertise:
    """Construct the service; nothing is read but the forms.  Raises FormsFaulty, AddressMalformed."""
    availabilities = Availabilities(house.db, house.clock, house.own.absences)
    fetcher = CalendarFetcher(private_networks=settings.calendar_networks, trust=settings.calendar_trust())
    calendars = Calendars(
        house.db, house.clock, house.random_bytes, house.keystore, house.jobs, availabilities, fetcher, house.rates
    )
    house.accounts.observe(calendars.end_with)
    dispatch = Dispatch(house.db, house.clock, house.random_bytes, availabilities)
    parts = _lend(house, settings, dispatch)
    intake = Intake(parts)
    assignment = Assignment(parts)
    afterwards = Afterwards(parts)
    requests = Requests(parts, assignment, afterwards)
    reading = Reading(parts)
    follow_up = FollowUp(parts)
    billing = Billing(parts, house.keystore, load_rates(settings.billing_file))
    second_readings = SecondReadings(parts, assignment)
    listeners = (follow_up.on_answer, billing.on_answer, second_readings.on_answer, afterwards.on_answer)
    answering = Answering(parts, requests, assignment, listeners)
    return Teleexpertise(
        parts=parts,
        availabilities=availabilities,
        absences=house.own.absences,
        calendars=calendars,
        planning=Planning(parts, availabilities, calendars),
        dispatch=dispatch,
        intake=intake,
        waiting=Waiting(parts, intake),
        drafts=Drafts(parts),
        assignment=assignment,
        requests=requests,
        afterwards=afterwards,
        steering=Steering(parts, assignment),
        routing=Routing(parts),
        answering=answering,
        templates=AnswerTemplates(parts),
        diagnoses=Diagnoses(house.db, house.clock),
        follow_up=follow_up,
        series=SeriesReading(parts, reading),
        billing=billing,
        reading=reading,
        documents=RequestDocuments(parts),
        mail=MailRequests(parts, intake, requests),
        board=Board(house.db, house.clock, house.practitioners, dispatch),
        glass=Glass(parts),
        probes=ProbeUpkeep(parts, requests),
        retention=Retention(parts, timedelta(days=settings.retention_days)),
        live=Live(house.db, house.clock),
        reminders=Reminders(parts, assignment),
        corrections=Corrections(parts, answering, assignment, listeners),
        reorientation=Reorientation(parts, answering, assignment),
        second_readings=second_readings,
        appointments=Appointments(parts),
    )


def _lend(house: House, settings: TeleexpertiseSettings, dispatch: Dispatch) -> Parts:
    """What the service's rooms work with."""
    address = parse_address(f"{settings.mailbox}@{house.settings.mail_domain}", "TELEEXPERTISE_MAILBOX")
    allowances = Allowances(house.db, house.clock)
    return Parts(
        db=house.db,
        clock=house.clock,
        random_bytes=house.random_bytes,
        registry=load_registry(settings),
        vault=Vault(house.keystore),
        attachments=Attachments(house.db, house.blobs, house.keystore, PhotoSandbox(), PdfSandbox(), allowances),
        allowances=allowances,
        dispatch=dispatch,
        pools=Pools(house.db, house.clock, house.random_bytes, dispatch),
        conflicts=Conflicts(house.db, house.clock),
        practitioners=house.practitioners,
        accounts=house.accounts,
        roles=house.roles,
        blocking=house.own.blocking,
        preferences=house.own.preferences,
        retirements=house.retirements,
        audit=house.audit,
        outbox=house.outbox,
        trace=house.trace,
        jobs=house.jobs,
        platform=Platform(
            Mailbox(address, settings.display_name),
            house.settings.public_origin,
            oid_root=house.settings.oid_root,
            product=house.settings.mss_product,
        ),
        notices=house.notices,
    )
