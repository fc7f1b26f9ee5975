"""Who read a request is in the access log, before anything is shown; who was refused saw nothing."""

import pytest

from miss.directory.audit import Subject
from teleexpertise.attachments.service import IncomingFile
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.service import Submission
from teleexpertise.requests.errors import RequestUnknown
from tests.teleexpertise.office import Office, photo


async def test_who_read_what_is_written_down(office: Office) -> None:
    submission = Submission(
        source="page-0001",
        key="page-0001",
        digest=bytes(32),
        requester=office.paul,
        arrived=Arrived(form=office.service.registry.published("dermatologie"), answers={}, answered_at={}),
        tells_by_mail=False,
        files=(IncomingFile("vue.jpg", "image/jpeg", photo(), "d.photo.large"),),
    )
    request = (await office.service.intake.take(submission)).request
    reading, paul, claire = office.service.reading, office.paul.id, office.claire.id
    view = await reading.view(request.number, paul)
    assert view.seen is not None
    file = view.seen.files[0]
    await reading.file(request.number, paul, file.ref)
    with pytest.raises(RequestUnknown):
        await reading.view(request.number, claire)
    with pytest.raises(RequestUnknown):
        await reading.file(request.number, paul, "other")
    page = await office.house.audit.list_(subject=Subject("request", request.id))
    told = [(entry.fact.actor, entry.fact.act, entry.fact.detail) for entry in page.entries if entry.fact]
    assert told == [
        (f"practitioner:{paul}", "request.file_opened", f"requester {file.ref}"),
        (f"practitioner:{paul}", "request.read", "requester"),
    ]
    assert (await office.house.audit.list_(actor=f"practitioner:{claire}")).entries == []
