"""The page of a request shows what became of its mails, to its requester and its expert, and of nobody else's."""

import re

from tests.miss.mail.trace.samples import mdn
from tests.teleexpertise.web.conftest import Site
from tests.teleexpertise.web.test_pages import ADVICE, assigned, key_of


async def test_the_answer_is_followed_into_the_record(site: Site) -> None:
    office, number = site.office, await assigned(site)
    page = f"/teleexpertise/demandes/{number}"
    async with site.signed_in(office.expert(await office.request())) as browser:
        await browser.post(f"{page}/accepter")
        form = await browser.get(f"{page}/repondre")
        preview = await browser.post(f"{page}/repondre", data={**ADVICE, "submission_key": key_of(form)})
        shown = await browser.get(preview.headers["location"])
        action = re.search(r'action="([^"]+/envoyer[^"]*)"', shown.text)
        assert action is not None
        sent = await browser.post(action[1])
        assert sent.status_code == 303
        await office.run_jobs()
        request = await office.request()
        traces = await office.house.trace.list_about(f"request:{request.id}")
        [answer] = [one for one in traces if one.mailed.author]
        assert "Remis au relais de messagerie" in (await browser.get(page)).text
        to_experts = [one.mailed.recipient for one in traces if not one.mailed.author]
        report = mdn(
            "automatic-action/x; processed/error",
            error="902^x",
            sender=answer.mailed.recipient,
            recipient=answer.mailed.recipient,
            message_id=answer.mailed.message_id,
        )
        assert await office.house.trace.receive(report, mail_from="")
        followed = (await browser.get(page)).text
        assert "Non intégré par le logiciel du destinataire" in followed
        assert "identifiant du patient inconnu" in followed
        expert_boxes = set(to_experts) - {answer.mailed.recipient}
        assert expert_boxes, "the expert was told by mail"
        assert not any(f"À {box}" in followed for box in expert_boxes)
