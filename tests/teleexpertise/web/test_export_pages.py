"""The exchange as FHIR, through the page and the API, and the request as a document, for who may read it."""

from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from miss.documents.cda import check_cda
from miss.documents.xdm import parse_archive
from teleexpertise.answers.service import Written
from teleexpertise.api.operations import ROOT
from teleexpertise.requests import store
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.exchange import answer_to_share, exchange_of
from teleexpertise.requests.model import State
from teleexpertise.requests.reading import Reader
from tests.teleexpertise.follow_up.answering import ADVICE
from tests.teleexpertise.office import text_of
from tests.teleexpertise.web.conftest import Site


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


async def test_both_sides_take_the_exchange_along_and_nobody_else(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    request = await office.request()
    path, in_api = f"/teleexpertise/demandes/{request.number}/fhir.json", f"{ROOT}/requests/{request.number}/fhir"
    async with site.signed_in(office.paul) as requester, site.signed_in(office.expert(request)) as expert:
        page = await requester.get(f"/teleexpertise/demandes/{request.number}")
        assert f'href="{path}"' in page.text
        asked = await requester.get(path)
        assert asked.headers["content-type"] == "application/fhir+json"
        assert asked.headers["content-disposition"] == f'attachment; filename="{request.number}-fhir.json"'
        before = asked.json()
        assert [one["status"] for one in of_kind(before, "Task")] == ["requested"]
        assert of_kind(before, "DiagnosticReport") == []

        # An answer under way is nobody's yet, not even in what its own expert takes along.
        service, holder = office.service, office.expert(request).id
        await service.requests.accept(request.id, holder)
        await service.answering.save(request.id, holder, Written(source="answer", answers=ADVICE, answered_at={}))
        assert of_kind((await expert.get(path)).json(), "DiagnosticReport") == []
        await service.answering.send(request.id, holder)

        for taken in (await requester.get(path), await expert.get(in_api)):
            bundle = taken.json()
            Bundle.model_validate(bundle)
            (report,) = of_kind(bundle, "DiagnosticReport")
            assert "Dermocorticoïde." in report["conclusion"]
            assert "r.qualite" not in taken.text
            assert "r.cotation" not in taken.text
            assert "http://hl7.org/fhir/sid/icd-10" in taken.text
            assert [one["status"] for one in of_kind(bundle, "ServiceRequest")] == ["completed"]
        assert taken.headers["content-type"] == "application/fhir+json"
    view = await office.service.reading.view(request.number, holder)
    under_way = replace(view, request=replace(view.request, state=State.IN_PROGRESS))
    assert answer_to_share(view) is not None
    assert answer_to_share(under_way) is None
    with pytest.raises(RequestUnknown):
        exchange_of(replace(view, reader=Reader.COORDINATOR), "https://miss.example", None)
    async with site.signed_in(office.marc) as coordinator, site.signed_in(office.claire) as other:
        for browser in (coordinator, other):
            assert (await browser.get(path)).status_code == 404
            assert (await browser.get(in_api)).status_code == 404


async def test_the_request_is_taken_along_as_a_document(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter(sender=office.anne.mailboxes[0]))
    async with office.house.db.snapshot() as tx:
        [stored] = await store.list_of_requester(tx, office.anne.id)
    home = f"/teleexpertise/demandes/{stored.request.number}"
    async with site.signed_in(office.anne) as requester, site.signed_in(office.karim) as holder:
        for browser in (requester, holder):
            page = (await browser.get(home)).text
            assert all(f'href="{home}/{name}"' in page for name in ("demande.pdf", "IHE_XDM.ZIP", "fhir.json"))
            printed = await browser.get(f"{home}/demande.pdf")
            assert printed.headers["content-type"] == "application/pdf"
            assert "_FICTIF_BASTIEN_" in printed.headers["content-disposition"]
        first, again = await requester.get(f"{home}/IHE_XDM.ZIP"), await holder.get(f"{home}/IHE_XDM.ZIP")
        assert first.content == again.content, "the same document for both sides"
        archive = parse_archive(first.content)
        assert archive.findings == ()
        assert check_cda(archive.documents[0].content) == ()
        assert "Faut-il retirer" in archive.documents[0].content.decode()

        for _ in range(2):
            sent = await holder.post(f"{home}/copie", follow_redirects=True)
            assert "votre boîte sécurisée" in sent.text
        await office.run_jobs()
        copies = [mail for mail in office.mails_to(office.karim) if "télémédecine" in str(mail["Subject"])]
        assert len(copies) == 1, "once a day"
        assert "IHE_XDM.ZIP" in {part.get_filename() for part in copies[0].walk()}
        assert "Faut-il retirer" in text_of(copies[0])
    async with site.signed_in(office.marc) as coordinator, site.signed_in(office.claire) as other:
        for browser in (coordinator, other):
            for name in ("demande.pdf", "IHE_XDM.ZIP"):
                assert (await browser.get(f"{home}/{name}")).status_code == 404
            assert (await browser.post(f"{home}/copie")).status_code == 404


async def test_a_practice_without_a_number_is_named_and_the_pdf_is_there(site: Site) -> None:
    office = site.office
    await office.deliver(office.letter())
    home = f"/teleexpertise/demandes/{(await office.request()).number}"
    async with site.signed_in(office.paul) as requester:
        refused = await requester.get(f"{home}/IHE_XDM.ZIP")
        assert refused.status_code == 409
        assert "numéro FINESS ou SIRET" in refused.text
        assert (await requester.get(f"{home}/demande.pdf")).status_code == 200
