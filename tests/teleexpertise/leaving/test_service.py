"""What was asked in an establishment's name, as it takes it along."""

import json
from datetime import timedelta

from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import update

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners.model import organization_party
from miss.documents.hprim.parse import parse_hprim
from miss.server.reversibility.archive import File
from teleexpertise.leaving import leaving_files
from teleexpertise.requests.tables import RequestRow
from tests.teleexpertise.follow_up.answering import answered
from tests.teleexpertise.office import Office

LILAS = Establishment(
    id=OrganizationId("F599990009"), name="EHPAD fictif Les Lilas", kind=EstablishmentKind.CARE_HOME, town="Lille"
)


async def taken_along(office: Office, establishment: Establishment = LILAS) -> dict[str, File]:
    found = [file async for file in leaving_files(office.service, establishment)]
    assert len({file.path for file in found}) == len(found)
    return {file.path.rpartition("/")[2]: file for file in found}


async def test_a_request_leaves_in_open_formats_and_destroyed_as_its_trace(office: Office, clock: MovableClock) -> None:
    house = office.house
    await Establishments(house.db, house.clock, house.random_bytes).open(LILAS, "test")
    request = await answered(office)
    assert await taken_along(office) == {}, "what a person asked in their own name is theirs"
    async with house.db.transaction() as tx:
        party = organization_party(LILAS.id)
        await tx.exec(update(RequestRow).where(RequestRow.id == request.id).values(requester_id=party))  # type: ignore[arg-type]

    files = await taken_along(office)
    photos = [file for name, file in files.items() if name.endswith(".jpg")]
    assert set(files) - {file.path.rpartition("/")[2] for file in photos} == {
        *("echange.fhir.json", "demande.pdf", "demande.hpr", "reponse.pdf", "reponse.hpr", "etat.json"),
        "courriels.json",
    }
    assert photos
    assert all(file.content.startswith(b"\xff\xd8") for file in photos)
    Bundle.model_validate_json(files["echange.fhir.json"].content)
    assert files["demande.pdf"].content.startswith(b"%PDF")
    assert parse_hprim(files["reponse.hpr"].content).number == request.number
    state = json.loads(files["etat.json"].content)
    assert (state["number"], state["state"], state["absent"]) == (request.number, "answered", {})
    assert [one["kind"] for one in state["timeline"]]
    [mail] = json.loads(files["courriels.json"].content)[-1:]
    assert mail["sha256"]

    clock.advance(timedelta(days=366))
    assert await office.service.retention.destroy_past() == 1
    files = await taken_along(office)
    assert set(files) == {"etat.json", "courriels.json"}
    assert json.loads(files["etat.json"].content)["absent"] == {"contenu": "data_key_destroyed"}
