"""An establishment asks by mail, from the mailbox that its people share, in the hand of somebody who works there."""

import io
import zipfile
from dataclasses import replace

import pytest

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners import AcceptedFormat, DirectoryEntry, Practitioner
from miss.directory.practitioners.model import organization_party
from miss.directory.roles import organization_scope
from miss.directory.roles.model import Role
from miss.directory.sample import open_mailboxes
from miss.documents.cda import parse_cda
from miss.documents.hprim import parse_hprim_text
from miss.documents.xdm import parse_archive
from miss.mail.errors import SenderUnknown
from teleexpertise.intake.askers import take_asker
from teleexpertise.requests import store
from teleexpertise.requests.model import ExpertiseRequest, Fact, FactKind, State
from tests.teleexpertise.intake.test_from_mail import answer
from tests.teleexpertise.office import ANSWERS, END, HEADER, Letter, Office, text_of
from tests.teleexpertise.web.test_acting_pages import person

BOX = "secretariat@ehpad-dunes.mssante.example"
DUNES = Establishment(
    id=OrganizationId("F599990017"),
    name="EHPAD fictif Les Dunes",
    kind=EstablishmentKind.CARE_HOME,
    finess="599990017",
    town="Dunkerque",
)
PARTY = organization_party(DUNES.id)
CLAIRE = "Demandeur : Claire TEMOIN\n"


async def open_dunes(office: Office) -> Practitioner:
    """The care home has a record here; its mailbox is the register's word."""
    house = office.house
    await Establishments(house.db, house.clock, house.random_bytes).open(DUNES, "test")
    with open_mailboxes() as lines:
        await house.practitioners.import_mailboxes(lines)
    return await house.practitioners.get(PARTY)


def mail(number: int = 1, before: str = CLAIRE, answers: str = ANSWERS, **changes: object) -> Letter:
    text = before + HEADER + answers + END
    return replace(Letter(sender=BOX, message_id=f"<dunes-{number}@ehpad.example>", text=text), **changes)  # type: ignore[arg-type]


async def asked(office: Office) -> list[ExpertiseRequest]:
    async with office.house.db.snapshot() as tx:
        return [one.request for one in reversed(await store.list_of_requester(tx, PARTY))]


async def timeline(office: Office, request: ExpertiseRequest) -> list[Fact]:
    async with office.house.db.snapshot() as tx:
        return list(await store.list_facts(tx, request.id))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Demandeur : Claire TEMOIN\nx", "Claire TEMOIN"),
        ("x\n - demandeuse\u00a0: Dr TEMOIN  \n", "Dr TEMOIN"),
        ("DEMANDÉ PAR : 99900000052", "99900000052"),
        ("Requérant: Claire TEMOIN", "Claire TEMOIN"),
        ("Asked by: Claire TEMOIN", "Claire TEMOIN"),
        ("> Demandeur : Claire TEMOIN", ""),
        ("Le demandeur : personne", ""),
        ("Demandeur :\nFormulaire : x", ""),
    ],
)
def test_the_line_that_names_the_asker(text: str, said: str) -> None:
    found, rest = take_asker(text)
    assert found == said
    assert said not in rest or not said


async def test_it_asks_and_gets_text_pdf_and_cda_for_the_organisation(office: Office) -> None:
    dunes = await open_dunes(office)
    await office.deliver(mail())
    [request] = await asked(office)
    assert request.state is State.ASSIGNED
    claire = office.claire.id
    [submitted] = [fact for fact in await timeline(office, request) if fact.kind is FactKind.SUBMITTED]
    assert (submitted.actor, submitted.through) == (PARTY, claire)
    [ack] = office.mails_to(dunes)
    assert "enregistrée" in text_of(ack)
    await answer(office, request)
    _, answered = office.mails_to(dunes)
    assert answered["In-Reply-To"] == "<dunes-1@ehpad.example>"
    record = parse_hprim_text(text_of(answered))
    assert record.family_name == "FICTIF"
    assert record.recipient_name.startswith("EHPAD fictif Les Dunes")
    names = [part.get_filename() for part in answered.iter_attachments()]
    assert names[0] == "IHE_XDM.ZIP"
    assert str(names[1]).endswith(".pdf")
    archive = next(answered.iter_attachments()).get_content()
    [document] = parse_archive(archive).documents
    cda = parse_cda(document.content)
    [recipient] = cda.recipients
    assert (recipient.organization, recipient.finess) == (DUNES.name, DUNES.finess)
    assert (recipient.family_name, recipient.rpps) == ("TEMOIN", "99900000052")
    assert recipient.mailbox == BOX
    assert zipfile.is_zipfile(io.BytesIO(archive))
    assert await office.dead_jobs() == []


async def test_who_has_no_rpps_number_is_named_in_the_letter_and_no_party_of_the_document(office: Office) -> None:
    dunes = await open_dunes(office)
    account = await person(office.house, "Odile", "Infirmière", organization_scope(DUNES.id), Role.ORGANIZATION_MEMBER)
    await office.deliver(mail(before="Demandeur : Odile BUVARD\n"))
    [request] = await asked(office)
    [submitted] = [fact for fact in await timeline(office, request) if fact.kind is FactKind.SUBMITTED]
    assert submitted.through == account.practitioner_id
    await answer(office, request)
    archive = next(office.mails_to(dunes)[-1].iter_attachments()).get_content()
    [recipient] = parse_cda(parse_archive(archive).documents[0].content).recipients
    assert (recipient.organization, recipient.family_name, recipient.rpps) == (DUNES.name, "", None)


async def test_the_sender_of_the_header_counts_where_no_line_says_more(office: Office) -> None:
    await open_dunes(office)
    header = HEADER.replace("Dr EXEMPLE Paul", "Mme TEMOIN Claire")
    await office.deliver(mail(text=header + ANSWERS + END))
    [request] = await asked(office)
    assert request.state is State.ASSIGNED
    assert office.claire.id in {fact.through for fact in await timeline(office, request)}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "Demandeur non précisé"),
        ("Demandeur : Dr Anne MODELE\n", "Le demandeur nommé n’est pas connu"),  # practises elsewhere
        ("Demandeur : 99900000029\n", "Le demandeur nommé n’est pas connu"),
    ],
)
async def test_without_somebody_who_works_there_it_waits_and_a_reply_names_them(
    office: Office, line: str, told: str
) -> None:
    dunes = await open_dunes(office)
    await office.deliver(mail(before=line))
    [request] = await asked(office)
    assert request.state is State.DRAFT
    [reply] = office.mails_to(dunes)
    assert told in text_of(reply)
    assert "   Demandeur : " in text_of(reply).splitlines()
    await office.deliver(mail(2, text="Demandeur : RPPS 99900000052\n", files=(), in_reply_to=str(reply["Message-ID"])))
    [request] = await asked(office)
    assert request.state is State.ASSIGNED
    facts = await timeline(office, request)
    assert [fact.through for fact in facts if fact.kind is FactKind.SUBMITTED] == [office.claire.id]


async def test_who_was_named_once_is_not_asked_for_again(office: Office) -> None:
    dunes = await open_dunes(office)
    lines = ANSWERS.replace("d.diametre : 7\n", "")
    await office.deliver(mail(answers=lines))
    [reply] = office.mails_to(dunes)
    assert "Demandeur" not in text_of(reply)
    await office.deliver(mail(2, text="d.diametre : 7\n", files=(), in_reply_to=str(reply["Message-ID"])))
    [request] = await asked(office)
    facts = await timeline(office, request)
    assert [fact.through for fact in facts if fact.kind is FactKind.SUBMITTED] == [office.claire.id]


async def test_who_asks_for_an_establishment_is_not_asked_for_the_answer(office: Office) -> None:
    await open_dunes(office)
    await office.service.dispatch.put_member(office.pool.id, office.claire.id)
    for number in range(3):
        await office.deliver(mail(number, files=()) if number else mail(number))
    holders = {request.holder for request in await asked(office)}
    assert holders
    assert office.claire.id not in holders


async def test_a_word_on_it_is_the_establishments_own_unless_it_says_whose(office: Office) -> None:
    await open_dunes(office)
    await office.deliver(mail())
    for number, text in ((2, "Le patient va mieux."), (3, "Demandeur : Claire TEMOIN\nEt encore mieux.")):
        await office.deliver(
            mail(number, subject="Re: suite", text=text, files=(), in_reply_to="<dunes-1@ehpad.example>")
        )
    [request] = await asked(office)
    added = [fact for fact in await timeline(office, request) if fact.kind is FactKind.ADDED]
    assert [(fact.actor, fact.through) for fact in added] == [(PARTY, None), (PARTY, office.claire.id)]


async def test_the_template_has_a_line_for_the_asker(office: Office) -> None:
    dunes = await open_dunes(office)
    await office.deliver(mail(subject="modèle dermatologie", text="Merci", files=()))
    [template] = office.mails_to(dunes)
    assert "Demandeur : " in text_of(template).splitlines()


async def test_the_answer_follows_the_formats_said_of_the_establishment(office: Office) -> None:
    dunes = await open_dunes(office)
    entry = DirectoryEntry(formats=frozenset({AcceptedFormat.HPRIM_TEXT}))
    await office.house.practitioners.describe(PARTY, entry, by="test")
    await office.deliver(mail())
    [request] = await asked(office)
    await answer(office, request)
    assert list(office.mails_to(dunes)[-1].iter_attachments()) == []


async def test_a_structure_without_a_record_here_is_nobody(office: Office) -> None:
    with open_mailboxes() as lines:
        await office.house.practitioners.import_mailboxes(lines)
    with pytest.raises(SenderUnknown):
        await office.house.intakes.require_welcome(BOX, "teleexpertise@miss.example")
    with pytest.raises(SenderUnknown):
        await office.deliver(mail())


async def test_nobody_asks_with_an_identifier_of_somebody_elses_house(office: Office) -> None:
    """The establishment's mailbox speaks for that establishment: it completes no draft of a practitioner's."""
    await open_dunes(office)
    await office.deliver(office.letter(text=HEADER + END))
    [reply] = office.mails_to(office.paul)
    await office.deliver(mail(2, in_reply_to=str(reply["Message-ID"])))
    assert [request.state for request in await office.requests()] == [State.DRAFT]
    assert [request.state for request in await asked(office)] == [State.ASSIGNED]
    assert PractitionerId(PARTY) == PARTY
