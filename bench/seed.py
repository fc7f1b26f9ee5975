"""A world made through the server's own services: accounts opened and verified, codes issued and used, genesis links
countersigned, first commits verified and accepted.  Only HTTP is left out.

Runs in the process of the bench, on the database that the measured server opens afterwards.  The names are fictive,
the RPPS numbers those of nobody (999…, with their keys).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from bench.world import Group, Person, World
from miss.base.clock import Clock, SystemClock, to_ms
from miss.base.ids import AccountId, DeviceId, MessageId, uuid7
from miss.base.random import RandomBytes, system_random
from miss.chat import Chat
from miss.chat.devices.model import LinkedDevice
from miss.directory.accounts import Accounts, ActivationPurpose
from miss.directory.practitioners import Practitioners
from miss.directory.sample import open_register
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.commits import Commit, Policy, Role
from miss.protocol.crypto.envelopes import TEXT, Body, seal_envelope
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import Proof, compose_genesis
from miss.protocol.crypto.membership import Author, compose_commit
from miss.server.app import open_server
from miss.server.service import find_services
from miss.server.settings import Settings

BY = "bench"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many people, how they are grouped."""

    people: int
    group: int = 0
    """Members of each conversation, everybody in exactly one; 0: nobody is in any."""
    conversations_of_first: int = 0
    """So many conversations of two that the first person has with the others in turn."""
    payload_bytes: int = 300


async def seed_database(settings: Settings, plan: Plan) -> World:
    """Bring the databases to their schema and people them.  `settings`: those the measured server will have."""
    server = await open_server(settings, SystemClock(), system_random, find_services())
    house = server.house
    await house.broker.start()
    await server.chat.start()
    try:
        seeder = Seeder(server.chat, house.accounts, house.practitioners, house.clock, house.random_bytes)
        return await seeder.make(plan, settings.public_origin.split("/")[2].split(":")[0])
    finally:
        await server.chat.close()
        await house.broker.close()
        await server.close()


@dataclass(slots=True)
class _Member:
    device: LinkedDevice
    keys: DeviceKeys
    chain: Chain


class Seeder:
    """Makes people and conversations in one installation."""

    def __init__(
        self, chat: Chat, accounts: Accounts, practitioners: Practitioners, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        self._chat = chat
        self._accounts = accounts
        self._practitioners = practitioners
        self._clock = clock
        self._random_bytes = random_bytes

    async def make(self, plan: Plan, host: str) -> World:
        """Everybody and their conversations.  `host`: the name that device signatures cover."""
        numbers = list(islice(rpps_numbers(), plan.people))
        await self._practitioners.import_register(register_lines(numbers))
        members = [await self._arrive(rpps) for rpps in numbers]
        groups = []
        for first in range(0, plan.people if plan.group else 0, plan.group or 1):
            places = range(first, min(first + plan.group, plan.people))
            groups.append(await self._gather(members, places, plan.payload_bytes))
        pairs = ((0, 1 + number % (plan.people - 1)) for number in range(plan.conversations_of_first))
        groups += [await self._gather(members, pair, 0) for pair in pairs]
        people = [Person(one.device.uid, one.device.did, one.keys.to_secret()) for one in members]
        return World(host, tuple(people), tuple(groups))

    async def _arrive(self, rpps: str) -> _Member:
        """An account, its code, its first device."""
        practitioner = await self._practitioners.find_by_rpps(rpps)
        assert practitioner is not None
        account = await self._accounts.open(practitioner.id, by=BY)
        await self._accounts.verify(account.uid, BY)
        code = (await self._accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, BY)).code
        who = (await self._chat.linking.activation(rpps, code)).who
        did, keys = DeviceId(self._random_bytes(16)), DeviceKeys.generate(self._random_bytes)
        now_ms = to_ms(self._clock.now())
        link = compose_genesis(
            uid=account.uid,
            did=did,
            keys=keys,
            user_key=UserKey.generate(1, self._random_bytes),
            who=who,
            proof=Proof("activation-code", now_ms),
            ts_ms=now_ms,
        )
        await self._chat.linking.link(rpps, code, link.to_bytes(), "Poste de mesure")
        chain = await self._chat.devices.find_chain(account.uid)
        assert chain is not None
        return _Member(LinkedDevice(did, account.uid, keys.ik_public, "", self._clock.now(), None), keys, chain)

    async def _gather(self, everybody: Sequence[_Member], places: Iterable[int], payload_bytes: int) -> Group:
        """A conversation whose admin is the first; a message of each, unless `payload_bytes` is 0."""
        members = [everybody[place] for place in places]
        admin = members[0]
        chains = {AccountId(one.device.uid): one.chain for one in members}
        commit, es = compose_commit(
            author=Author(admin.device.uid, admin.device.did, admin.keys),
            members={uid: Role.ADMIN if uid == admin.device.uid else Role.MEMBER for uid in chains},
            policy=Policy(),
            chains=chains,
            random_bytes=self._random_bytes,
        )
        await self._chat.conversations.commit(admin.device, commit.to_bytes())
        envelopes = [self._seal(one, commit, es, payload_bytes) for one in members] if payload_bytes else []
        return Group(commit.core.cid, tuple(places), tuple(envelopes))

    def _seal(self, member: _Member, commit: Commit, es: bytes, payload_bytes: int) -> bytes:
        now = self._clock.now()
        text = "Glycémie à jeun 1,12 g/L. " * (payload_bytes // 26 + 1)
        body = Body(
            mid=MessageId(uuid7(now, self._random_bytes)),
            ts=to_ms(now),
            type=TEXT,
            text=text.encode()[:payload_bytes].decode(errors="ignore"),
        )
        return seal_envelope(
            es=es,
            commit=commit,
            did=member.device.did,
            ik=member.keys.ik,
            body=body,
            random_bytes=self._random_bytes,
        )


def rpps_numbers() -> Iterable[str]:
    """Numbers of nobody: 999, a serial number that the sample directory does not use, the Luhn key."""
    for serial in range(1_000_000, 10_000_000):
        digits = f"999{serial}"
        yield digits + luhn_key(digits)


def luhn_key(digits: str) -> str:
    """The digit that makes the Luhn sum a multiple of ten."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def register_lines(numbers: Iterable[str]) -> list[bytes]:
    """An extraction of the register: the sample's first person, under each of these numbers."""
    with open_register() as lines:
        header, model = next(lines), next(lines)
    columns = model.split(b"|")
    made = [header]
    for rpps in numbers:
        columns[1], columns[2] = rpps.encode(), b"8" + rpps.encode()
        made.append(b"|".join(columns))
    return made
