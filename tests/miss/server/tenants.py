"""What belongs to somebody else: for each place of the route table, an object of another establishment or person."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta

from miss.base.ids import MailId, OrganizationId, new_row_id
from miss.base.text import Language
from miss.directory.accounts import Account
from miss.directory.agreements import load_agreements
from miss.directory.agreements.model import in_force
from miss.directory.audit import AuditLog
from miss.directory.blocking import BlockReason
from miss.directory.certificates import Certificates
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Contact, ContactFunction, Establishment, EstablishmentKind
from miss.directory.establishments.roster.departments import Departments
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.tokens import ApiTokens, TokenScope
from miss.directory.establishments.uploads import Uploads
from miss.directory.invitations import LINK_VALIDITY, Invitation, State
from miss.directory.invitations import store as invitation_store
from miss.directory.mistakes import MistakeKind, Mistakes, Outcome
from miss.directory.registrations import Invitee
from miss.directory.registrations import store as registration_store
from miss.directory.registrations.model import Evidence, Status
from miss.directory.registrations.service import key_of, what_of
from miss.directory.roles import Principal, Role, Scope, organization_scope, practitioner_scope
from miss.directory.roles.errors import GrantExists
from miss.directory.sample import people
from miss.directory.sign_in.passkeys import store as passkey_store
from miss.directory.sign_in.passkeys.model import Passkey
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.images import read_words
from miss.mail.inbound import store as inbound_store
from miss.mail.outbound import OutboundMail
from miss.server.wiring.images import build_images
from movements import store as movement_store
from movements.deliveries import Deliveries
from movements.installation import lend
from movements.model import State as MovementState
from movements.receiving import Receiving
from movements.settings import MovementsSettings
from teleexpertise.answers.templates.model import Owner
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.house import build
from teleexpertise.requests import store as request_store
from teleexpertise.settings import TeleexpertiseSettings
from tests.miss.directory.certificates.making import make as make_certificate
from tests.miss.mail.inbound.kit import RAW, arrival_of
from tests.miss.photos.test_photos import jpeg
from tests.miss.server.matrix import MACHINE, OWN_ORGANIZATION, Callers, Stage, open_account
from tests.movements.samples import SEGMENTS, message
from tests.teleexpertise.office import PLATFORM, Letter

OTHER = OrganizationId("F629990003")
NEVER_GIVEN = "01a1f82f-213e-772e-801d-8ad71eb78e58"
DOCUMENT = b"%PDF-1.7\n% carte fictive"


@dataclass(frozen=True)
class Theirs:
    """An object, by the names of its place in a route, and who gets through to it (one of them, for each route)."""

    values: Mapping[str, str]
    owners: tuple[Account, ...] = ()
    """Beside those whose role is over the whole platform."""
    form: Mapping[str, str] = field(default_factory=dict)
    """What is asked or said with it, where nothing is refused as if there was nothing."""


Maker = Callable[[], Awaitable[Theirs]]


@dataclass(frozen=True)
class Others:
    """The people of another tenant, and what they make."""

    stage: Stage
    keeper: Account
    """Administrator of the other establishment."""
    person: Account
    """A practitioner, who asks for advice and has things of their own."""
    expert: Account
    coordinator: Account
    shared: dict[str, Theirs]
    """What is dear to make, and bears being asked for twice."""

    def makers(self) -> dict[str, Maker]:
        """By area and placeholders of a route; the area is the first word of its path."""
        return {
            "etablissement {organization}": self.establishment,
            "etablissement {organization} {member}": self.member,
            "etablissement {organization} {upload}": self.upload,
            "etablissement {organization} {unit}": self.unit,
            "etablissement {organization} {token}": self.token,
            "etablissement {organization} {invitation}": self.member_invited,
            "compte {invitation}": self.secretary_invited,
            "compte {session}": self.session,
            "compte {key}": self.key,
            "compte {block}": self.block,
            "compte {absence}": self.absence,
            "compte {retirement}": self.retirement,
            "compte {certificate}": self.own_certificate,
            "compte {mail}": self.mail,
            "images {sending}": self.sending,
            "images {sending} {rank}": self.image,
            "teleexpertise {number}": self.request,
            "teleexpertise {number} {ref}": self.file,
            "teleexpertise {number} {of} {ref}": self.file_of_series,
            "teleexpertise {number} {appointment}": self.appointment,
            "teleexpertise {pool}": self.pool,
            "teleexpertise {pool} {practitioner}": self.member_of_pool,
            "teleexpertise {pool} {sheet}": self.sheet,
            "teleexpertise {template}": self.template,
            "teleexpertise {calendar}": self.calendar,
            "teleexpertise {reading}": self.reading,
            "teleexpertise {reading} {rank}": self.photo,
            "api {number}": self.request,
            "api {number} {ref}": self.file,
            "api {number} {appointment}": self.appointment,
            "api {reading}": self.reading,
            "api {reading} {rank}": self.photo,
            "api {pool}": self.pool,
            "mouvements {organization}": self.hospital,
            "mouvements {organization} {movement}": self.movement,
            "console {organization}": self.establishment,
            "console {organization} {uid}": self.administrator,
            "console {uid}": self.account,
            "console {uid} {certificate}": self.certificate,
            "console {proposal}": self.proposal,
            "console {mistake}": self.mistake,
            "console {retirement}": self.retirement,
            "console {registration}": self.registration,
            "console {registration} {evidence}": self.evidence,
            "console {incident}": self.incident,
            "console {sent}": self.sent_mail,
            "console {mail}": self.mail_set_aside,
        }

    # An establishment's

    async def establishment(self) -> Theirs:
        await self.appoint_keeper()
        return replace(self._kept(form={"action": "publier"}), owners=(self.keeper,))

    async def hospital(self) -> Theirs:
        """Its patients are no affair of technicians: somebody administers it, whatever other rows took back."""
        await self.appoint_keeper()
        return replace(self._kept(), owners=(self.keeper,))

    async def member(self) -> Theirs:
        said = {StaffField.FAMILY: "Buvard", StaffField.GIVEN: "Odile"}
        kept = await self._roster.add(OTHER, said, "test")
        return self._kept(member=kept.member.id)

    async def upload(self) -> Theirs:
        house = self.stage.server.house
        uploads = Uploads(house.db, house.clock, house.random_bytes, house.practitioners, self._roster)
        content = "Nom;Prénom\nBuvard;Léo\n".encode()
        shown = await uploads.read(OTHER, content, "personnel.csv", "test", is_complete=False)
        assert shown.id
        return self._kept(upload=shown.id)

    async def movement(self) -> Theirs:
        await self.appoint_keeper()
        house = self.stage.server.house
        contact = Contact(ContactFunction.MEDICAL, "Odile Buvard", "admissions@autre.mssante.example", "")
        await Establishments(house.db, house.clock, house.random_bytes).set_contacts(OTHER, [contact], "test")
        parts = lend(house, MovementsSettings())
        # Another one each time: one that was set aside or told waits no more.
        said = SEGMENTS["ZBE"].replace("MVT0001", new_row_id(house.clock.now(), house.random_bytes))
        await Deliveries(parts, Receiving(parts)).take_hl7(OTHER, message(ROL="", ZBE=said))
        async with house.db.snapshot() as tx:
            *_, kept = await movement_store.list_in(tx, OTHER, MovementState.UNMATCHED, offset=0, limit=9)
        return replace(self._kept(movement=kept.id), owners=(self.keeper,))

    async def unit(self) -> Theirs:
        house = self.stage.server.house
        departments = Departments(house.db, house.clock, house.random_bytes, self._roster)
        name = f"Service {house.random_bytes(4).hex()}"
        return self._kept(unit=(await departments.put(OTHER, "", name, "", [], "test")).id)

    async def token(self) -> Theirs:
        house = self.stage.server.house
        tokens = ApiTokens(house.db, house.clock, house.random_bytes)
        return self._kept(token=(await tokens.issue(OTHER, frozenset({TokenScope.SCIM}), "Paie", "test")).id)

    async def member_invited(self) -> Theirs:
        invited = await self._invited(self.keeper, Role.ORGANIZATION_MEMBER, organization_scope(OTHER))
        return self._kept(invitation=invited)

    async def _invited(self, inviter: Account, role: Role, scope: Scope) -> str:
        """An invitation that was sent a moment ago."""
        house = self.stage.server.house
        now = house.clock.now()
        invitation = Invitation(
            id=new_row_id(now, house.random_bytes),
            role=role,
            scope=scope,
            inviter=inviter.uid,
            inviter_id=inviter.practitioner_id,
            employer="CH fictif d’Arras",
            issuer="3629990003",
            invitee=Invitee(family="Buvard", given="Odile", function="Accueil", email="odile@contact.example"),
            language=Language.FR,
            state=State.INVITED,
            since=now,
            invited_at=now,
            link_ends_at=now + LINK_VALIDITY,
        )
        async with house.db.transaction() as tx:
            await invitation_store.save(tx, invitation, house.random_bytes(32))
        return invitation.id

    async def administrator(self) -> Theirs:
        roles = self.stage.server.house.roles
        if not await roles.of(self.keeper):
            await self.appoint_keeper()
        return self._kept(uid=self.keeper.uid.hex())

    async def appoint_keeper(self) -> None:
        """Give them the other establishment."""
        role, scope = Role.ESTABLISHMENT_ADMINISTRATOR, organization_scope(OTHER)
        with contextlib.suppress(GrantExists):
            await self.stage.server.house.roles.grant(MACHINE, self.keeper.uid, role, scope)

    # A person's

    async def account(self) -> Theirs:
        return Theirs({"uid": self.person.uid.hex()})

    async def session(self) -> Theirs:
        await self.stage.open(self.person)
        [session, *_] = await self.stage.server.house.sign_in.sessions.list_(self.person)
        return self._own(session=session.id)

    async def key(self) -> Theirs:
        house = self.stage.server.house
        key = Passkey(
            credential_id=house.random_bytes(32),
            uid=self.person.uid,
            public_key=b"",
            sign_count=0,
            name="Clé",
            added_at=house.clock.now(),
            last_used_at=None,
            is_backed_up=False,
        )
        async with house.db.transaction() as tx:
            await passkey_store.insert_passkey(tx, key)
        return self._own(key=key.credential_id.hex())

    async def block(self) -> Theirs:
        whom = f"{self.stage.server.house.random_bytes(4).hex()}@ailleurs.example"
        block = await self.stage.server.house.own.blocking.block(self.person, whom, BlockReason.UNWANTED)
        return self._own(block=block.id)

    async def secretary_invited(self) -> Theirs:
        scope = practitioner_scope(self.person.practitioner_id)
        return self._own(invitation=await self._invited(self.person, Role.SECRETARY, scope))

    async def absence(self) -> Theirs:
        house = self.stage.server.house
        day = house.clock.now().date() + timedelta(days=7)
        today = house.clock.now().date()
        return self._own(absence=(await house.own.absences.add(self.person, day, day, "", "", today=today)).id)

    async def mail_set_aside(self) -> Theirs:
        house = self.stage.server.house
        # Another mail each time: one that was played again is set aside no more.
        mail_id = MailId(new_row_id(house.clock.now(), house.random_bytes))
        arrival = replace(arrival_of(self.expert.practitioner_id), id=mail_id, digest=house.random_bytes(32))
        sealed = await house.keystore.seal(f"mail:{mail_id}", RAW, what="inbound_mail")
        async with house.db.transaction() as tx:
            await inbound_store.insert(tx, replace(arrival, sealed=sealed))
            await inbound_store.set_aside(tx, arrival.id, "ValueError", house.clock.now())
        form = {"reason": "panne du lecteur de lettres"}
        return Theirs({"mail": arrival.id}, form=form)

    async def retirement(self) -> Theirs:
        retirements, actor = self.stage.server.house.retirements, Principal(self.expert.uid, frozenset())
        living = [one for one in await retirements.list_living() if one.uid == self.expert.uid]
        if not living:
            leaves_on = self.stage.server.house.clock.now().date() + timedelta(days=60)
            living = [await retirements.ask(actor, self.expert.uid, leaves_on)]
        return Theirs({"retirement": living[0].id}, (self.expert,))

    async def certificate(self) -> Theirs:
        house = self.stage.server.house
        certificates = Certificates(house.db, house.clock, house.random_bytes, house.practitioners)
        address = (await house.practitioners.get(self.person.practitioner_id)).mailboxes[0]
        kept = await certificates.add(
            self.person.practitioner_id, make_certificate(address, now=house.clock.now()), by="test"
        )
        return Theirs({"uid": self.person.uid.hex(), "certificate": kept.id})

    async def own_certificate(self) -> Theirs:
        return self._own(certificate=(await self.certificate()).values["certificate"])

    async def proposal(self) -> Theirs:
        house = self.stage.server.house
        proposals = house.own.proposals
        if not (waiting := await proposals.list_open()):
            entry = (await house.practitioners.get(self.person.practitioner_id)).entry
            waiting = [await proposals.propose(self.person, entry, "Mon service a changé de nom.")]
        return Theirs({"proposal": waiting[0].id})

    async def mistake(self) -> Theirs:
        house = self.stage.server.house
        mistakes = Mistakes(
            house.db, house.clock, house.random_bytes, house.practitioners, AuditLog(house.db, house.clock), house.rates
        )
        made = await mistakes.report(
            self.person.uid, self.expert.practitioner_id, MistakeKind.OTHER, "Elle a déménagé."
        )
        return Theirs({"mistake": made.id}, form={"suite": Outcome.UNFOUNDED})

    # The platform's

    async def registration(self) -> Theirs:
        one = (await self.evidence()).values["registration"]
        return Theirs({"registration": one}, form={"avec": one, "into": one})

    async def evidence(self) -> Theirs:
        if "evidence" not in self.shared:
            self.shared["evidence"] = await self._register()
        return self.shared["evidence"]

    async def _register(self) -> Theirs:
        house = self.stage.server.house
        form = {
            "rpps": people.INES_BROUILLON,
            "family": "Brouillon",
            "given": "Inès",
            "profession": "10",
            "organization": "Cabinet fictif",
            "address": "11 rue de l’Exemple",
            "postcode": "59000",
            "town": "Lille",
            "email": "ines@contact.example",
            "formats": ["hprim_text"],
            "accept": [one.digest.hex() for one in in_force(load_agreements())],
        }
        answer = await self.stage.http.post("/inscription", data=form)
        assert answer.status_code == 303, answer.text
        async with house.db.snapshot() as tx:
            [registration] = await registration_store.list_by_status(tx, [Status.RECEIVED], 2)
        evidence = Evidence(
            new_row_id(house.clock.now(), house.random_bytes), house.clock.now(), "carte.pdf", "application/pdf", 24
        )
        sealed = await house.keystore.seal(key_of(registration.id), DOCUMENT, what=what_of(evidence.id))
        async with house.db.transaction() as tx:
            await registration_store.insert_evidence(tx, registration.id, evidence, sealed)
        return Theirs({"registration": registration.id, "evidence": evidence.id})

    async def incident(self) -> Theirs:
        form = {"title_fr": "Lenteurs", "said_fr": "Nous cherchons."}
        technician = self.stage.people[Role.TECHNICIAN]
        answer = await Callers(self.stage).call("POST /console/incidents", technician, form=form)
        return Theirs({"incident": answer.headers["location"].rpartition("/")[2]})

    async def mail(self) -> Theirs:
        """A queued mail that brings the person's words."""
        house = self.stage.server.house
        to = Mailbox(parse_address("paul.exemple@medecin.mssante.example"))
        mail = OutboundMail(
            message_id=f"<{house.random_bytes(8).hex()}@miss.example>",
            sender=to,
            to=to,
            subject="Avis",
            text="Un avis.",
            author=self.person.practitioner_id,
        )
        async with house.db.transaction() as tx:
            return self._own(mail=await house.outbox.enqueue(tx, mail, about="test"))

    async def sent_mail(self) -> Theirs:
        return Theirs({"sent": (await self.mail()).values["mail"]})

    async def sending(self) -> Theirs:
        """Images that the person is about to send."""
        if "sending" not in self.shared:
            expert = await self.stage.server.house.practitioners.get(self.expert.practitioner_id)
            words, images = read_words("Lésion du dos", "", "", "", ""), build_images(self.stage.server.house)
            draft = await images.prepare(self.person, expert.rpps or "", words, [jpeg()])
            self.shared["sending"] = self._own(sending=draft.id)
        return self.shared["sending"]

    async def image(self) -> Theirs:
        return self._own(**(await self.sending()).values, rank="1")

    # A request for advice

    async def request(self) -> Theirs:
        if "request" not in self.shared:
            self.shared["request"] = await self._ask_advice()
        return self.shared["request"]

    async def file(self) -> Theirs:
        request = await self.request()
        reader = await Callers(self.stage).call("GET /teleexpertise/demandes/{number}", self.person, request.values)
        ref = reader.text.partition("/pieces/")[2].partition('"')[0]
        assert ref, "the request has no file to open"
        return Theirs({**request.values, "ref": ref}, request.owners)

    async def file_of_series(self) -> Theirs:
        file = await self.file()
        number, ref = file.values["number"], file.values["ref"]
        return Theirs({"number": number, "of": number, "ref": ref}, file.owners)

    async def appointment(self) -> Theirs:
        request = await self.request()
        return Theirs({**request.values, "appointment": NEVER_GIVEN}, request.owners)

    async def reading(self) -> Theirs:
        return Theirs({"reading": NEVER_GIVEN})

    async def photo(self) -> Theirs:
        return Theirs({"reading": NEVER_GIVEN, "rank": "10"})

    async def pool(self) -> Theirs:
        await self.request()
        return Theirs({"pool": self.shared["pool"].values["pool"]}, (self.coordinator,))

    async def member_of_pool(self) -> Theirs:
        pool = await self.pool()
        return Theirs({**pool.values, "practitioner": self.expert.practitioner_id}, pool.owners)

    async def sheet(self) -> Theirs:
        pool = await self.pool()
        return Theirs({"sheet": "experts-7", **pool.values}, pool.owners)

    async def template(self) -> Theirs:
        service = build(self.stage.server.house, TeleexpertiseSettings())
        whose, new_id = self.person.practitioner_id, service.parts.new_id()
        await service.templates.create(Owner.expert(whose), whose, title="Eczéma", text="Émollient.", new_id=new_id)
        return self._own(template=new_id)

    async def calendar(self) -> Theirs:
        service = build(self.stage.server.house, TeleexpertiseSettings())
        empty = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:essai\r\nEND:VCALENDAR\r\n"
        made = await service.calendars.upload(self.expert.practitioner_id, "Agenda", empty, "Europe/Paris")
        return Theirs({"calendar": made.id}, (self.expert,))

    async def _ask_advice(self) -> Theirs:
        house = self.stage.server.house
        dispatch = build(house, TeleexpertiseSettings()).dispatch
        always = tuple(WeeklySlot(day, time(0), time(23, 59), "Europe/Paris") for day in range(7))
        pool = await dispatch.create_pool(
            name="Dermatologie d’ailleurs",
            questionnaire="dermatologie",
            coordinator_id=self.coordinator.practitioner_id,
            hours=Availability(weekly=always, territory=None),
            zone="Europe/Paris",
            answer_within=timedelta(hours=48),
            accept_within=timedelta(hours=6),
            answer_time=timedelta(hours=1),
        )
        await dispatch.put_member(pool.id, self.expert.practitioner_id)
        self.shared["pool"] = Theirs({"pool": pool.id})
        requester = await house.practitioners.get(self.person.practitioner_id)
        letter = Letter(sender=requester.mailboxes[0], message_id="<demande@ailleurs.example>")
        await house.intakes.keep(letter.sender, [PLATFORM], letter.compose())
        while await house.jobs.run_due():
            continue
        async with house.db.snapshot() as tx:
            [stored] = await request_store.list_of_requester(tx, requester.id)
        assert stored.request.holder == self.expert.practitioner_id
        return Theirs({"number": stored.request.number}, (self.person, self.expert, self.coordinator))

    @property
    def _roster(self) -> Roster:
        house = self.stage.server.house
        return Roster(house.db, house.clock, house.random_bytes, house.practitioners)

    def _kept(self, form: Mapping[str, str] | None = None, **values: str) -> Theirs:
        return Theirs({"organization": OTHER, **values}, (self.keeper,), form or {})

    def _own(self, **values: str) -> Theirs:
        return Theirs(values, (self.person,))


async def open_others(stage: Stage) -> Others:
    """Another establishment and people who hold nothing with those of the stage."""
    house = stage.server.house
    establishments = Establishments(house.db, house.clock, house.random_bytes)
    for identifier, name in ((OWN_ORGANIZATION, "CH fictif de Lille"), (OTHER, "CH fictif d’Arras")):
        await establishments.open(Establishment(id=identifier, name=name, kind=EstablishmentKind.HOSPITAL), "cli:test")
    reached = [person for person in stage.spare if person.mailboxes]
    keeper, person, expert, coordinator = [await open_account(stage.server, one) for one in reached[:4]]
    others = Others(stage, keeper, person, expert, coordinator, shared={})
    await others.appoint_keeper()
    await house.roles.appoint(person, Role.PRACTITIONER, by="test")
    # Makes an expert and a coordinator of two of them, before anybody's roles are remembered.
    await others.request()
    return others
