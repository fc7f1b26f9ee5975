"""Counts what is billed, tells the place of the next act, lists a month.

Told of every answer that leaves (`requests.listeners`): if the expert bills it, one act is theirs and one is the
requester's.
"""

from datetime import datetime

from miss.base.ids import PractitionerId, RequestId
from miss.directory.practitioners.model import is_party_id
from miss.documents.identities import PatientIdentity
from miss.storage import Transaction
from miss.storage.sealed import KeyStore
from teleexpertise.billing import model, store
from teleexpertise.billing.model import PARIS, BilledAct, Counter, Digests, Line, Role, year_of
from teleexpertise.billing.rates import Rates
from teleexpertise.requests.listeners import Answered
from teleexpertise.requests.parts import Parts

WHAT = "digests"


class Billing:
    """The acts there are."""

    def __init__(self, parts: Parts, keystore: KeyStore, rates: Rates) -> None:
        self._parts = parts
        self._keystore = keystore
        self._rates = rates

    async def on_answer(self, tx: Transaction, answered: Answered) -> None:
        """An answer leaves (`requests.listeners.AnswerListener`)."""
        request, patient, at = answered.request, answered.content.patient, answered.at
        acts: list[BilledAct] = []
        if patient is not None and model.is_billed(answered.response):
            known = model.digests(patient, await self._key(tx, year_of(at)))
            on = at.astimezone(PARIS).date()
            # An establishment bills no act of asking: that is a person's.
            requester = None if is_party_id(request.requester) else request.requester
            for role, actor in ((Role.EXPERT, request.holder), (Role.REQUESTER, requester)):
                rate = self._rates.find(role, on)
                if rate is not None and actor is not None:
                    acts.append(BilledAct(request.id, request.number, rate.code, actor, at, known))
        await store.replace_acts(tx, request.id, acts)

    async def next_act(
        self, role: Role, actor: PractitionerId, patient: PatientIdentity | None, *, apart_from: RequestId
    ) -> Counter | None:
        """The place that an act for this patient would have today; None: nothing is billed, or nobody is named."""
        now = self._parts.clock.now()
        rate = self._rates.find(role, now.astimezone(PARIS).date())
        if rate is None or patient is None:
            return None
        since, until = _year(year_of(now))
        async with self._parts.db.snapshot() as tx:
            sealed = await store.find_key(tx, year_of(now))
            acts = await store.list_of(tx, actor, since, until) if sealed else []
        known = model.digests(patient, await self._open(year_of(now), sealed)) if sealed else Digests("", "")
        before = sum(act.code == rate.code and act.request_id != apart_from and act.patient.same(known) for act in acts)
        return Counter(rate.code, before + 1, rate.ceiling, rate.verified)

    async def month(self, actor: PractitionerId, year: int, month: int) -> list[Line]:
        """What somebody billed in a month, as expert or requester, oldest first."""
        async with self._parts.db.snapshot() as tx:
            acts = await store.list_of(tx, actor, *_year(year))
        ranks = model.ranked(acts)
        lines = []
        for act in acts:
            on = act.at.astimezone(PARIS).date()
            rate = self._rates.find_code(act.code, on)
            if on.month == month and rate is not None:
                counter = Counter(act.code, ranks[act.request_id, act.code], rate.ceiling, rate.verified)
                lines.append(Line(act, rate, counter))
        return lines

    async def _key(self, tx: Transaction, year: int) -> bytes:
        """The key of a year, made at its first act."""
        sealed = await store.find_key(tx, year)
        if sealed is None:
            made = await self._keystore.seal(_key_id(year), self._parts.random_bytes(model.KEY_BYTES), what=WHAT)
            sealed = await store.put_key(tx, year, made)
        return await self._open(year, sealed)

    async def _open(self, year: int, sealed: bytes) -> bytes:
        return await self._keystore.open(_key_id(year), sealed, what=WHAT)


def _key_id(year: int) -> str:
    return f"billing:{year}"


def _year(year: int) -> tuple[datetime, datetime]:
    return datetime(year, 1, 1, tzinfo=PARIS), datetime(year + 1, 1, 1, tzinfo=PARIS)
