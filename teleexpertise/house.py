"""The service built on the house's parts: constructed once, by the plug-in, the commands and the tests."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from miss.mail.addresses import Mailbox, parse_address
from miss.server.house import House
from miss.storage.jobs import JobHandler
from teleexpertise.answers.service import Answering
from teleexpertise.attachments.sandbox import PhotoSandbox
from teleexpertise.attachments.service import Attachments
from teleexpertise.availability import Availabilities
from teleexpertise.dispatch import Dispatch
from teleexpertise.intake.from_mail import MailRequests
from teleexpertise.intake.service import Intake
from teleexpertise.letters.envelope import Platform
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.content import Vault
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.reading import Reading
from teleexpertise.requests.service import Requests
from teleexpertise.settings import TeleexpertiseSettings


@dataclass(frozen=True, slots=True)
class Teleexpertise:
    """Every room of the service, ready to use."""

    parts: Parts
    availabilities: Availabilities
    dispatch: Dispatch
    intake: Intake
    assignment: Assignment
    requests: Requests
    answering: Answering
    reading: Reading
    mail: MailRequests

    @property
    def registry(self) -> FormRegistry:
        return self.parts.registry

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handlers of the service's timers."""
        return self.assignment.job_handlers()


def load_registry(settings: TeleexpertiseSettings) -> FormRegistry:
    """The forms of this deployment.  Raises FormsFaulty."""
    return FormRegistry.load(settings.forms_dir) if settings.forms_dir else _packaged_forms()


@cache
def _packaged_forms() -> FormRegistry:
    """Those that come with MiSS: published forms never change, so a process reads them once."""
    return FormRegistry.load(files("forms"))


def build(house: House, settings: TeleexpertiseSettings) -> Teleexpertise:
    """Construct the service; nothing is read but the forms.  Raises FormsFaulty, AddressMalformed."""
    availabilities = Availabilities(house.db, house.clock, house.own.absences)
    dispatch = Dispatch(house.db, house.clock, house.random_bytes, availabilities)
    address = parse_address(f"{settings.mailbox}@{house.settings.mail_domain}", "TELEEXPERTISE_MAILBOX")
    parts = Parts(
        db=house.db,
        clock=house.clock,
        random_bytes=house.random_bytes,
        registry=load_registry(settings),
        vault=Vault(house.keystore),
        attachments=Attachments(house.blobs, house.keystore, PhotoSandbox()),
        dispatch=dispatch,
        practitioners=house.practitioners,
        blocking=house.own.blocking,
        preferences=house.own.preferences,
        retirements=house.retirements,
        audit=house.audit,
        outbox=house.outbox,
        jobs=house.jobs,
        platform=Platform(Mailbox(address, settings.display_name), house.settings.public_origin),
    )
    intake = Intake(parts)
    assignment = Assignment(parts)
    requests = Requests(parts, assignment)
    return Teleexpertise(
        parts=parts,
        availabilities=availabilities,
        dispatch=dispatch,
        intake=intake,
        assignment=assignment,
        requests=requests,
        answering=Answering(parts, requests, assignment),
        reading=Reading(parts),
        mail=MailRequests(parts, intake, requests),
    )
