"""Requests for advice: the server's lists, read with this device's token, and answers handed to the practice.

Reading a list is not reading a request: what is inside is fetched (and the server writes that down) only for an
answer that goes to the practice's software.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from clients.desktop.state import facts as f
from clients.desktop.state.cases import Case, Cases, Handed, to_hand_over
from clients.desktop.sync.calls.base import Calls
from clients.desktop.words import _, spoken
from miss.base.errors import MissError
from miss.client.errors import ServerRefused, ServerUnreachable

ROOT: Final = "/api/teleexpertise/v1"
TIMEOUT_S: Final = 20.0
LOOK_AGAIN: Final = timedelta(hours=12)
"""And whenever the account is opened."""
CORRECTED_WITHIN: Final = timedelta(days=30)
"""An older correction reaches the practice by mail only."""


class CaseCalls(Calls):
    """Both lists, and the way out to the practice."""

    _looked_at: datetime | None = None

    async def read_cases(self) -> None:
        """Tell both lists, hand over what is answered, and note what was taken."""
        try:
            cases = await self._read()
        except ServerUnreachable:
            return  # the banner says it already
        except ServerRefused as refused:
            self.tell(f.CasesTold(Cases(refusal=refused.sentence(spoken()), is_read=True)))
            return
        folder = self.policy.impose(self.desk.settings()).report_folder
        self.tell(f.CasesTold(cases))
        if folder:
            await self._hand_over(cases, Path(folder))

    async def _hand_over(self, cases: Cases, folder: Path) -> None:
        from clients.desktop.sync.report import hand_over, note_taken, report_of  # brings HPRIM along: not at the start

        now = self.clock.now()
        moved = bool(note_taken(folder, self.desk, now))
        for case in [*to_hand_over(cases.asked), *self._perhaps_corrected(cases.asked, now)]:
            try:
                report = report_of(await self._ask(f"/requests/{case.number}/fhir"))
                moved = (report is not None and hand_over(report, folder, self.desk, now)) or moved
            except ServerUnreachable:
                break
            except MissError as error:
                self.tell(f.Troubled(error.sentence(spoken())))
        if moved:
            asked = tuple(self._with_trace(one) for one in cases.asked)
            self.tell(f.CasesTold(Cases(cases.to_answer, asked, is_read=True)))

    def _perhaps_corrected(self, asked: Sequence[Case], now: datetime) -> list[Case]:
        """Answers handed over lately, when it is time to look whether one was corrected since: no list says so."""
        if self._looked_at is not None and now - self._looked_at < LOOK_AGAIN:
            return []
        self._looked_at = now
        handed = [one for one in asked if one.is_answered and one.handed is not Handed.NOWHERE and one.ended_at]
        return [one for one in handed if one.ended_at and now - one.ended_at < CORRECTED_WITHIN]

    async def hand_over_again(self, number: str) -> None:
        """The answer as it is now, if it was corrected since it was handed over.  Raises NotExported, ServerRefused."""
        from clients.desktop.sync.report import hand_over, report_of

        folder = self.policy.impose(self.desk.settings()).report_folder
        report = report_of(await self._ask(f"/requests/{number}/fhir"))
        if folder and report is not None:
            hand_over(report, Path(folder), self.desk, self.clock.now())

    async def _read(self) -> Cases:
        to_answer = [_case(line) for line in (await self._ask("/worklist"))["entry"]]
        asked = [_case(line, is_asked_by_me=True) for line in (await self._ask("/requests"))["entry"]]
        return Cases(tuple(to_answer), tuple(self._with_trace(one) for one in asked), is_read=True)

    def _with_trace(self, case: Case) -> Case:
        known = self.desk.report(case.number)
        if known is None:
            return case
        return replace(case, handed=Handed.TAKEN if known[2] else Handed.WRITTEN)

    async def _ask(self, path: str) -> Any:
        """One answer of the API.  Raises ServerRefused, ServerUnreachable."""
        server_url = self.store.device.get().server_url
        async with httpx.AsyncClient(base_url=server_url, timeout=TIMEOUT_S, verify=self.verify) as http:
            for renew in (False, True):
                token = await self.client.http_token(renew=renew)
                headers = {"Authorization": f"Bearer {token}", "Accept-Language": spoken().value}
                try:
                    response = await http.get(f"{ROOT}{path}", headers=headers)
                except httpx.TransportError as error:
                    raise ServerUnreachable(reason=type(error).__name__) from None
                if response.status_code != 401:
                    break
        if response.is_success:
            return response.json()
        raise _refusal(response)


def _refusal(response: httpx.Response) -> ServerRefused:
    """A problem (RFC 9457), in the server's own words."""
    if response.status_code == 404 and "json" not in response.headers.get("content-type", ""):
        return ServerRefused("no_teleexpertise", _("Ce serveur n’offre pas la téléexpertise."))
    try:
        problem = response.json()
        return ServerRefused(str(problem.get("code", response.status_code)), str(problem.get("detail", "")))
    except ValueError:
        return ServerRefused(str(response.status_code))


def _case(line: dict[str, Any], *, is_asked_by_me: bool = False) -> Case:
    return Case(
        number=str(line["number"]),
        title=str(line["title"]),
        state=str(line["state"]),
        state_display=str(line["stateDisplay"]),
        summary=str(line["summary"]),
        asked_at=_instant(line["askedAt"]),
        deadline_at=_instant(line["deadlineAt"]),
        offer_expires_at=_instant(line["offerExpiresAt"]),
        ended_at=_instant(line["endedAt"]),
        is_asked_by_me=is_asked_by_me,
    )


def _instant(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
