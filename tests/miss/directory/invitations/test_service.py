"""Invitations, admission and mandates on a real database."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts import Account, ActivationPurpose, BrowserCodesOnly
from miss.directory.agreements import Signature
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.invitations import (
    LINK_VALIDITY,
    EmployerNumberMissing,
    InvitationExists,
    InvitationMailKind,
    InvitationNotFound,
    InvitationRefused,
    InvitationStateForbids,
    InvitedOneself,
    MandateNotFound,
    Standing,
    TooManyInvitations,
)
from miss.directory.invitations.errors import NobodyToName
from miss.directory.invitations.model import MAX_OPEN
from miss.directory.practitioners import Practitioner
from miss.directory.registrations import AccountThere, InvitationClosed, Invitee, Reason, WrongStatus, parse_invited
from miss.directory.registrations.errors import LetterNotNeeded
from miss.directory.roles import PLATFORM, Grant, Principal, Role, organization_scope, practitioner_scope
from miss.directory.roles.errors import GrantExists, NotForStaff
from miss.directory.sample import open_mailboxes, open_register, people
from miss.directory.staff_people import Issuer
from miss.directory.staff_people.errors import StaffAddressTaken
from miss.documents.errors import IdentifierRefused
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.miss.directory.registrations.applications import ALICE, Rooms, build_rooms

ODILE = Invitee(family="Buvard", given="Odile", function="secrétaire", email="odile@contact.example")
HOSPITAL = Establishment(
    id=OrganizationId("F599990009"), name="CH fictif", kind=EstablishmentKind.HOSPITAL, finess="599990009"
)
FORM = {"family": "Buvard", "given": "Odile", "address": "1 rue Fictive", "postcode": "59000", "town": "Lille"}


@dataclass
class Practice:
    """Paul and Anne, who practise and may invite."""

    rooms: Rooms
    paul: Practitioner
    pauls: Account
    anne: Practitioner
    annes: Account
    clock: MovableClock
    log: AuditLog

    async def acting(self, account: Account) -> Principal:
        return Principal(account.uid, await self.rooms.roles.of(account))

    async def invite(self, invitee: Invitee = ODILE, by: str = "paul") -> str:
        """The identifier of an invitation as a secretary."""
        person, account = (self.paul, self.pauls) if by == "paul" else (self.anne, self.annes)
        actor, invitations = await self.acting(account), self.rooms.inviting.invitations
        return (await invitations.invite_secretary(actor, person, "Cabinet fictif", invitee, Language.FR)).id

    @property
    def token(self) -> str:
        return [mail for mail in self.rooms.inviting.post.mails if mail.token][-1].token

    async def answer(self, token: str, invitee: Invitee = ODILE, **changed: str) -> str:
        """The identifier of the sign-up that answers."""
        application = parse_invited({**FORM, **changed}, invitee, Language.FR, organization="Cabinet", finess="")
        accepted = [one.digest.hex() for one in self.rooms.agreements.current]
        by = Signature(application.display_name, "192.0.2.7", Language.FR)
        return (await self.rooms.inviting.invitations.accept(token, None, application, accepted, by)).id

    async def admitted(self, by: str = "paul", *, join: bool = False) -> Account:
        """The account of somebody invited, who answered and was approved."""
        await self.invite(by=by)
        registration = await self.answer(self.token)
        return await self.rooms.account_of((await self.rooms.desk.approve(registration, ALICE, join=join)).uid)

    async def standing(self) -> Standing:
        """Of Paul's last invitation."""
        listed = await self.rooms.inviting.invitations.list_of(Role.SECRETARY, practitioner_scope(self.paul.id))
        return listed[0].standing


@pytest.fixture
async def practice(db: Database, clock: MovableClock, random_bytes: RandomBytes, keystore: KeyStore) -> Practice:
    rooms = build_rooms(db, clock, random_bytes, keystore)
    with open_register() as lines:
        await rooms.practitioners.import_register(lines)
    with open_mailboxes() as lines:
        await rooms.practitioners.import_mailboxes(lines)
    found = []
    for rpps in (people.PAUL_EXEMPLE, people.ANNE_MODELE):
        person = await rooms.practitioners.find_by_rpps(rpps)
        assert person is not None
        account = await rooms.accounts.verify((await rooms.accounts.open(person.id, by="test")).uid, "test")
        await rooms.roles.appoint(account, Role.PRACTITIONER, by="test")
        found += [(person, account)]
    (paul, pauls), (anne, annes) = found
    return Practice(rooms, paul, pauls, anne, annes, clock, AuditLog(db, clock))


async def test_from_an_invitation_to_a_mandate_and_its_end(practice: Practice) -> None:
    rooms, mandates = practice.rooms, practice.rooms.inviting.mandates
    await practice.invite()
    assert await practice.standing() is Standing.INVITED
    registration = await practice.answer(practice.token)
    assert await practice.standing() is Standing.VERIFYING
    review = await rooms.desk.review(registration)
    assert review.vouched is not None
    assert review.vouched.inviter == practice.paul
    assert review.may_approve
    odile = await rooms.account_of((await rooms.desk.approve(registration, ALICE)).uid)
    assert await practice.standing() is Standing.ACTIVE
    person = await rooms.practitioners.get(odile.practitioner_id)
    assert (person.id, person.display_name) == (f"6{people.PAUL_EXEMPLE}/0001", "Odile BUVARD")
    assert person.is_staff
    assert (await rooms.practitioners.search("Buvard Odile")) == []
    letter = await rooms.desk.print_letter(registration, ALICE)
    assert set(letter.codes) == {ActivationPurpose.BROWSER}
    code = letter.codes[ActivationPurpose.BROWSER].code
    assert (await rooms.accounts.check_activation(person.id, code, ActivationPurpose.BROWSER)) == odile
    with pytest.raises(IdentifierRefused):
        await rooms.accounts.check_activation("3599990009/1", code, ActivationPurpose.BROWSER)

    [mandate] = await mandates.list_(odile)
    assert mandate.party == practice.paul
    assert mandate.grant == Grant(odile.uid, Role.SECRETARY, practitioner_scope(practice.paul.id))
    with pytest.raises(InvitationRefused):
        await mandates.end(await practice.acting(practice.annes), odile.uid, Role.SECRETARY, mandate.grant.scope)
    await mandates.end(await practice.acting(odile), odile.uid, Role.SECRETARY, mandate.grant.scope)
    assert await mandates.list_(odile) == []
    assert await practice.standing() is Standing.ENDED
    with pytest.raises(MandateNotFound):
        await mandates.end(await practice.acting(odile), odile.uid, Role.SECRETARY, mandate.grant.scope)
    told = [(mail.kind, mail.to) for mail in rooms.inviting.post.mails]
    assert told == [
        (InvitationMailKind.INVITED, "odile@contact.example"),
        (InvitationMailKind.ACTIVE, practice.paul.letterboxes[0]),
        (InvitationMailKind.GIVEN_UP, practice.paul.letterboxes[0]),
    ]
    [listed] = await rooms.inviting.invitations.list_made(practice.pauls.uid)
    page = await practice.log.list_(subject=Subject("invitation", listed.id), limit=10)
    acts = [one.fact.act.removeprefix("invitation.") for one in reversed(page.entries) if one.fact]
    assert acts == ["invite", "accept", "activate", "end"]


async def test_a_second_practitioner_shares_the_account_and_each_ends_their_own(practice: Practice) -> None:
    odile = await practice.admitted()
    issued = await practice.rooms.accounts.issue_activation(odile.uid, ActivationPurpose.BROWSER, ALICE)
    await practice.invite(by="anne")
    registration = await practice.answer(practice.token)
    with pytest.raises(AccountThere):
        await practice.rooms.desk.approve(registration, ALICE)
    assert (await practice.rooms.desk.approve(registration, ALICE, join=True)).uid == odile.uid
    async with practice.rooms.db.transaction() as tx:
        await practice.rooms.accounts.consume_activation(tx, odile.uid, ActivationPurpose.BROWSER, issued.code)
    with pytest.raises(LetterNotNeeded):
        await practice.rooms.desk.print_letter(registration, ALICE)
    assert await practice.rooms.accounts.has_used_code(odile.uid, ActivationPurpose.BROWSER), "the one that she used"
    mandates = practice.rooms.inviting.mandates
    assert len(await mandates.list_(odile)) == 2
    scope = practitioner_scope(practice.paul.id)
    await mandates.end(await practice.acting(practice.pauls), odile.uid, Role.SECRETARY, scope)
    [left] = await mandates.list_(odile)
    assert left.party == practice.anne
    assert practice.rooms.inviting.post.mails[-1].kind is InvitationMailKind.ENDED
    assert practice.rooms.inviting.post.mails[-1].to == "odile@contact.example"


async def refusal(practice: Practice, token: str) -> str:
    """What the bearer of a link that leads nowhere reads."""
    with pytest.raises(InvitationNotFound) as refused:
        await practice.answer(token)
    return refused.value.sentence()


async def test_a_token_serves_once_and_every_dead_one_is_answered_alike(practice: Practice) -> None:
    invitations, scope = practice.rooms.inviting.invitations, practitioner_scope(practice.paul.id)
    first = await practice.invite()
    spent = practice.token
    await practice.answer(spent)
    await practice.invite(Invitee(family="Essai", given="Zoé", function="accueil", email="zoe@contact.example"))
    late = practice.token
    gone = await practice.invite(Invitee(family="Essai", given="Léa", function="accueil", email="lea@contact.example"))
    withdrawn = practice.token
    await invitations.withdraw(await practice.acting(practice.pauls), gone, Role.SECRETARY, scope)
    said = set()
    for token in (spent, withdrawn, "jamais-donné", ""):
        said.add(await refusal(practice, token))
    assert (await invitations.open(late, None)).invitation.invitee.given == "Zoé"
    practice.clock.advance(timedelta(days=14))
    said.add(await refusal(practice, late))
    assert len(said) == 1
    with pytest.raises(InvitationStateForbids):
        await invitations.resend(await practice.acting(practice.pauls), first, Role.SECRETARY, scope)


async def test_only_the_link_sent_last_opens(practice: Practice) -> None:
    invitations, scope = practice.rooms.inviting.invitations, practitioner_scope(practice.paul.id)
    invitation, old = await practice.invite(), practice.token
    await invitations.resend(await practice.acting(practice.pauls), invitation, Role.SECRETARY, scope)
    with pytest.raises(InvitationNotFound):
        await invitations.open(old, None)
    assert (await invitations.open(practice.token, None)).inviter == practice.paul
    with pytest.raises(InvitedOneself):
        await invitations.open(practice.token, practice.pauls.uid)


async def test_who_may_invite_and_whom(practice: Practice) -> None:
    invitations = practice.rooms.inviting.invitations
    with pytest.raises(InvitedOneself):
        await practice.invite(Invitee(family="X", given="Y", function="z", email=practice.paul.mailboxes[0]))
    with pytest.raises(InvitedOneself):
        await practice.invite(
            Invitee(family=practice.paul.given, given=practice.paul.family, function="z", email="autre@contact.example")
        )
    with pytest.raises(InvitationRefused):
        await invitations.invite_secretary(
            await practice.acting(practice.annes), practice.paul, "Cabinet", ODILE, Language.FR
        )
    with pytest.raises(InvitationRefused):
        await invitations.invite_member(
            await practice.acting(practice.annes), practice.anne, HOSPITAL, ODILE, Language.FR
        )
    await practice.invite()
    with pytest.raises(InvitationExists):
        await practice.invite()
    for rank in range(MAX_OPEN - 1):
        await practice.invite(Invitee(family="Essai", given="Zoé", function="a", email=f"zoe{rank}@contact.example"))
    with pytest.raises(TooManyInvitations):
        await practice.invite(Invitee(family="Essai", given="Zoé", function="a", email="trop@contact.example"))


async def test_an_establishment_numbers_its_people_by_its_own_finess(practice: Practice) -> None:
    rooms, invitations = practice.rooms, practice.rooms.inviting.invitations
    machine = Principal(practice.annes.uid, frozenset({Grant(practice.annes.uid, Role.TECHNICIAN, PLATFORM)}))
    scope = organization_scope(HOSPITAL.id)
    await rooms.roles.grant(machine, practice.pauls.uid, Role.ESTABLISHMENT_ADMINISTRATOR, scope)
    keeper = await practice.acting(practice.pauls)
    for finess in ("", "599990008"):
        forged = Establishment(id=HOSPITAL.id, name="CH", kind=HOSPITAL.kind, finess=finess)
        with pytest.raises(EmployerNumberMissing):
            await invitations.invite_member(keeper, practice.paul, forged, ODILE, Language.FR)
    await rooms.inviting.establishments.open(HOSPITAL, "cli:test")
    await invitations.invite_member(keeper, practice.paul, HOSPITAL, ODILE, Language.FR)
    registration = await practice.answer(practice.token, finess="590000014")
    odile = await rooms.account_of((await rooms.desk.approve(registration, ALICE)).uid)
    assert odile.practitioner_id == "3599990009/0001"
    [mandate] = await rooms.inviting.mandates.list_(odile)
    assert mandate.party is not None
    assert (mandate.name, mandate.party.is_organization) == ("CH fictif", True)
    await rooms.inviting.mandates.end(keeper, odile.uid, Role.ORGANIZATION_MEMBER, scope)
    assert await rooms.roles.of(odile) == frozenset()


async def test_a_staff_person_becomes_nothing_else(practice: Practice) -> None:
    odile, rooms = await practice.admitted(), practice.rooms
    for role in (Role.TECHNICIAN, Role.AUDITOR, Role.PRACTITIONER):
        with pytest.raises(NotForStaff):
            await rooms.roles.appoint(odile, role, by="cli")
    for purpose in (ActivationPurpose.DEVICE, ActivationPurpose.RESET):
        with pytest.raises(BrowserCodesOnly):
            await rooms.accounts.issue_activation(odile.uid, purpose, ALICE)
    with pytest.raises(InvitationRefused):
        person = await rooms.practitioners.get(odile.practitioner_id)
        await rooms.inviting.invitations.invite_secretary(
            await practice.acting(odile), person, "Cabinet", ODILE, Language.FR
        )


async def test_nobody_is_admitted_when_nobody_vouches_any_more(practice: Practice) -> None:
    await practice.invite()
    registration = await practice.answer(practice.token)
    other = Invitee(family="Essai", given="Zoé", function="accueil", email="zoe@contact.example")
    await practice.invite(other)
    await practice.rooms.accounts.suspend(practice.pauls.uid, ALICE, "départ")
    await refusal(practice, practice.token)
    assert not (await practice.rooms.desk.review(registration)).may_approve
    with pytest.raises(InvitationClosed):
        await practice.rooms.desk.approve(registration, ALICE)
    await practice.rooms.desk.refuse(registration, ALICE, frozenset({Reason.IDENTITY}), "")
    listed = await practice.rooms.inviting.invitations.list_of(Role.SECRETARY, practitioner_scope(practice.paul.id))
    assert [one.standing for one in listed] == [Standing.INVITED, Standing.NOT_ADMITTED]
    with pytest.raises(WrongStatus):
        await practice.rooms.desk.approve(registration, ALICE)


async def test_another_name_under_a_known_address_is_serious_and_gets_no_account_of_its_own(practice: Practice) -> None:
    await practice.admitted()
    other = Invitee(family="Autre", given="Zoé", function="accueil", email=ODILE.email)
    await practice.invite(other, by="anne")
    registration = await practice.answer(practice.token, other, family="Autre", given="Zoé")
    review = await practice.rooms.desk.review(registration)
    assert review.severity == 3
    with pytest.raises(AccountThere):
        await practice.rooms.desk.approve(registration, ALICE)
    async with practice.rooms.db.transaction() as tx:
        with pytest.raises(StaffAddressTaken):
            await practice.rooms.inviting.admission.admit(tx, review.registration, ALICE, None)


async def test_who_never_came_is_forgotten_and_who_is_expected_is_not(practice: Practice) -> None:
    rooms, invitations = practice.rooms, practice.rooms.inviting.invitations
    scope = practitioner_scope(practice.paul.id)
    lapsed = await practice.invite()
    practice.clock.advance(LINK_VALIDITY + timedelta(days=29))
    await run(rooms.jobs)
    assert (await invitations.get(lapsed, Role.SECRETARY, scope)).invitee == ODILE, "not yet"
    practice.clock.advance(timedelta(days=2))
    await run(rooms.jobs)
    gone = await invitations.get(lapsed, Role.SECRETARY, scope)
    assert (gone.is_forgotten, gone.invitee) == (True, Invitee(family="", given="", function="", email=""))
    assert gone.link_ends_at == gone.invited_at + LINK_VALIDITY, "the dates stay"
    assert await practice.standing() is Standing.EXPIRED
    keeper = await practice.acting(practice.pauls)
    with pytest.raises(InvitationStateForbids):
        await invitations.resend(keeper, lapsed, Role.SECRETARY, scope)

    # She is invited anew, answers, and waits for technicians longer than any link: still named; then she acts.
    again = await practice.invite()
    registration = await practice.answer(practice.token)
    practice.clock.advance(LINK_VALIDITY + timedelta(days=31))
    await run(rooms.jobs)
    assert (await invitations.get(again, Role.SECRETARY, scope)).invitee == ODILE
    await rooms.desk.approve(registration, ALICE)
    practice.clock.advance(timedelta(days=62))
    await run(rooms.jobs)
    assert (await invitations.get(again, Role.SECRETARY, scope)).invitee == ODILE, "whoever acts has a name"
    page = await practice.log.list_(subject=Subject("invitation", lapsed), limit=10)
    assert next(one.fact.act for one in page.entries if one.fact) == "invitation.forget"


async def test_somebody_of_the_register_is_named_and_an_employer_ends_what_its_people_do(practice: Practice) -> None:
    rooms, naming, mandates = practice.rooms, practice.rooms.inviting.naming, practice.rooms.inviting.mandates
    own, here = practitioner_scope(practice.paul.id), organization_scope(HOSPITAL.id)
    paul = await practice.acting(practice.pauls)
    await naming.name(paul, people.ANNE_MODELE, Role.SECRETARY, own)
    assert [one.person for one in await naming.list_(Role.SECRETARY, own)] == [practice.anne]
    with pytest.raises(GrantExists):
        await naming.name(paul, people.ANNE_MODELE, Role.SECRETARY, own)
    for rpps in ("", "99900000099", people.KARIM_ESSAI):
        with pytest.raises(NobodyToName):
            await naming.name(paul, rpps, Role.SECRETARY, own)
    with pytest.raises(InvitationRefused):
        await naming.name(paul, people.PAUL_EXEMPLE, Role.SECRETARY, own)
    with pytest.raises(InvitationRefused):
        await naming.name(paul, people.ANNE_MODELE, Role.ORGANIZATION_MEMBER, here)
    await mandates.end(paul, practice.annes.uid, Role.SECRETARY, own)
    told = [(mail.kind, mail.to) for mail in rooms.inviting.post.mails]
    annes = practice.anne.letterboxes[0]
    assert told == [(InvitationMailKind.NAMED, annes), (InvitationMailKind.ENDED, annes)]

    # An establishment's own people, for whomever they act; nobody else's.
    machine = Principal(practice.annes.uid, frozenset({Grant(practice.annes.uid, Role.TECHNICIAN, PLATFORM)}))
    await rooms.inviting.establishments.open(HOSPITAL, "cli:test")
    await rooms.roles.grant(machine, practice.pauls.uid, Role.ESTABLISHMENT_ADMINISTRATOR, here)
    keeper = await practice.acting(practice.pauls)
    await rooms.inviting.invitations.invite_member(keeper, practice.paul, HOSPITAL, ODILE, Language.FR)
    odile = await rooms.account_of((await rooms.desk.approve(await practice.answer(practice.token), ALICE)).uid)
    annes_scope = practitioner_scope(practice.anne.id)
    async with rooms.db.transaction() as tx:
        await rooms.roles.hand_over(tx, Grant(odile.uid, Role.SECRETARY, annes_scope), by="test", reason="test")
    assert [one.account for one in await naming.list_staff_of(Issuer.establishment(HOSPITAL.finess))] == [odile]
    other = replace(HOSPITAL, id=OrganizationId("F629990003"), finess="629990003")
    for actor, employer in ((await practice.acting(practice.annes), HOSPITAL), (keeper, other)):
        with pytest.raises(InvitationRefused):
            await mandates.end_of_employee(actor, employer, odile.uid, annes_scope)
    with pytest.raises(InvitationRefused):
        await mandates.end_of_employee(keeper, HOSPITAL, practice.annes.uid, annes_scope)
    await mandates.end_of_employee(keeper, HOSPITAL, odile.uid, annes_scope)
    with pytest.raises(MandateNotFound):
        await mandates.end_of_employee(keeper, HOSPITAL, odile.uid, annes_scope)
    last = [(mail.kind, mail.to, mail.employer) for mail in rooms.inviting.post.mails[-2:]]
    assert last == [
        (InvitationMailKind.ENDED_BY_EMPLOYER, "odile@contact.example", "CH fictif"),
        (InvitationMailKind.EMPLOYEE_LEFT, annes, "CH fictif"),
    ]


async def run(jobs: JobRunner) -> None:
    while await jobs.run_due():
        pass
