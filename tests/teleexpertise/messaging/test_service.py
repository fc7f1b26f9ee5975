"""Notices as MiSS messages: a real server on a real port, the platform's own device, a real client that receives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.client import Client, Store, key_from_file, link_device
from miss.client.model import TEXT
from miss.directory.accounts import ActivationPurpose
from miss.directory.practitioners import Practitioner
from miss.directory.sample import people
from miss.server.doors import Server
from miss.server.notices import PlatformDevice, platform_device, store
from miss.server.notices.errors import DeviceLinkedAlready
from miss.server.notices.service import ALL, SEND
from miss.storage.jobs import Job, cancel
from teleexpertise.house import Teleexpertise, build
from teleexpertise.messaging import NoticeKind, talk_link
from teleexpertise.requests import store as requests_store
from teleexpertise.requests.model import State
from teleexpertise.settings import TeleexpertiseSettings
from tests.conditions import WAIT_S
from tests.miss.server.running import serving, settings_in
from tests.teleexpertise.office import CAST, Office, import_cast, open_office

CLOCK = SystemClock()
PLATFORM = people.CLAIRE_TEMOIN
"""Whose entry answers for the platform here."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serving(settings_in(tmp_path)) as server:
        await import_cast(server.house.practitioners)
        yield server


@pytest.fixture
def service(server: Server) -> Teleexpertise:
    """The same rooms as the server's, on the same database."""
    return build(server.house, TeleexpertiseSettings())


async def issue(server: Server, rpps: str) -> str:
    accounts = server.house.accounts
    person = await server.house.practitioners.find_by_rpps(rpps)
    assert person is not None
    account = await accounts.find_by_rpps(rpps) or await accounts.open(person.id, by="test")
    if not account.is_active:
        await accounts.verify(account.uid, "test")
    return (await accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "test")).code


async def link_platform(server: Server) -> PlatformDevice:
    device = platform_device(server.house.settings, CLOCK, system_random)
    code = await issue(server, PLATFORM)
    await device.link(
        server.house.settings.public_origin, rpps=PLATFORM, code=code, fingerprint=server.chat.signer.root_fingerprint
    )
    return device


@asynccontextmanager
async def online(server: Server, rpps: str, folder: Path) -> AsyncIterator[Client]:
    """Somebody's own client."""
    key = key_from_file(folder / f"{rpps}.key", system_random)
    with Store(folder / f"{rpps}.db", key, system_random) as opened:
        if opened.device.find() is None:
            await link_device(
                opened, server.house.settings.public_origin, rpps=rpps, code=await issue(server, rpps),
                device_name="Téléphone", expected_fingerprint=server.chat.signer.root_fingerprint, clock=CLOCK,
                random_bytes=system_random,
            )  # fmt: skip
        async with Client.open(opened, clock=CLOCK, random_bytes=system_random) as client:
            async with asyncio.timeout(WAIT_S):
                await client.wait_synced()
            yield client


def texts(client: Client) -> list[str]:
    """Everything said in every conversation, oldest first."""
    found = [message for one in client.conversations() for message in client.messages(one.cid)]
    return [message.text for message in sorted(found, key=lambda one: one.deposited_at) if message.type == TEXT]


async def hear(client: Client, count: int) -> list[str]:
    """Wait until so much was said."""
    events = client.events()
    async with asyncio.timeout(WAIT_S):
        while len(texts(client)) < count:
            await anext(events)
    return texts(client)


async def waiting(service: Teleexpertise) -> int:
    async with service.parts.db.snapshot() as tx:
        return len(await store.list_after(tx, ""))


async def send(service: Teleexpertise) -> None:
    """What the job does."""
    await service.parts.notices.job_handler().run(Job("1", SEND, ALL, {}, CLOCK.now(), 0))


async def tell(service: Teleexpertise, to: Practitioner, kind: NoticeKind, number: str) -> None:
    async with service.parts.db.transaction() as tx:
        await service.parts.notices.queue(tx, to.id, kind, number)
        await cancel(tx, SEND, ALL)  # tests send by hand: the store has room for one


async def person(server: Server, rpps: str) -> Practitioner:
    found = await server.house.practitioners.find_by_rpps(rpps)
    assert found is not None
    return found


async def test_an_offer_and_its_answer_arrive_as_messages_with_a_number_only(server: Server, tmp_path: Path) -> None:
    await link_platform(server)
    service = build(server.house, TeleexpertiseSettings())
    office: Office = await open_office(server.house, service, tmp_path / "spool")
    number = "TE26000001"
    async with online(server, CAST["anne"], tmp_path) as anne, online(server, CAST["karim"], tmp_path) as karim:
        await server.house.intakes.keep(
            office.letter().sender, ["teleexpertise@miss.example"], office.letter().compose()
        )
        server.house.jobs.wake()
        async with asyncio.timeout(WAIT_S):
            first = {asyncio.create_task(hear(anne, 1)): "anne", asyncio.create_task(hear(karim, 1)): "karim"}
            done, pending = await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        (said,) = done.pop().result()
        assert said == f"La demande d’avis {number} vous est proposée.\n{server.house.settings.public_origin}" + (
            f"/teleexpertise/demandes/{number}"
        )
        (holder,) = [client for client in (anne, karim) if texts(client)]
        (conversation,) = holder.conversations()
        assert len(conversation.members) == 2
        assert {member.who.rpps for member in conversation.members} >= {PLATFORM}
    async with service.parts.db.snapshot() as tx:
        assert (await requests_store.get_by_number(tx, number)).request.state is State.ASSIGNED


async def test_a_notice_that_was_cut_after_the_server_had_it_is_one_message(
    server: Server, service: Teleexpertise, tmp_path: Path
) -> None:
    device, paul = await link_platform(server), await person(server, CAST["paul"])
    async with online(server, CAST["paul"], tmp_path) as client:
        await tell(service, paul, NoticeKind.ANSWERED, "TE26000001")
        async with service.parts.db.snapshot() as tx:
            (notice,) = await store.list_after(tx, "")
        await send(service)
        assert await waiting(service) == 0
        # As if the process had ended before it noted that the message was there.
        async with service.parts.db.transaction() as tx:
            await store.insert(tx, notice)
            await (await tx.connection()).execute(text("DELETE FROM platform_correspondent"))
        await send(service)
        await tell(service, paul, NoticeKind.ASKED, "TE26000002")
        await send(service)

        heard = await hear(client, 2)
        assert [line.splitlines()[0] for line in heard] == [
            "L’avis sur la demande TE26000001 est rendu.",
            "L’expert demande des précisions sur la demande TE26000002.",
        ]
        assert len(client.conversations()) == 1, "one conversation for one person"
    with pytest.raises(DeviceLinkedAlready):
        await device.link("http://127.0.0.1:1", rpps=PLATFORM, code="x", fingerprint="x")


async def test_a_lost_device_is_replaced_and_goes_on_where_it_was(
    server: Server, service: Teleexpertise, tmp_path: Path
) -> None:
    device, paul = await link_platform(server), await person(server, CAST["paul"])
    async with online(server, CAST["paul"], tmp_path) as client:
        await tell(service, paul, NoticeKind.ANSWERED, "TE26000001")
        await send(service)
        device.folder.rename(tmp_path / "lost")
        account = await server.house.accounts.find_by_rpps(PLATFORM)
        assert account is not None
        issued = await server.house.accounts.issue_activation(account.uid, ActivationPurpose.RESET, "test")
        await device.link(
            server.house.settings.public_origin, rpps=PLATFORM, code=issued.code, reset=True,
            fingerprint=server.chat.signer.root_fingerprint,
        )  # fmt: skip
        await tell(service, paul, NoticeKind.ASKED, "TE26000002")
        await send(service)
        assert await waiting(service) == 0
        assert len(await hear(client, 2)) == 2
        assert len(client.conversations()) == 1


async def test_who_has_no_device_gets_mail_only_and_holds_up_nobody(
    server: Server, service: Teleexpertise, tmp_path: Path
) -> None:
    await link_platform(server)
    await issue(server, CAST["marc"])  # an account, but no device
    async with online(server, CAST["paul"], tmp_path) as client:
        for rpps in (CAST["karim"], CAST["marc"], CAST["claire"], CAST["paul"]):
            await tell(service, await person(server, rpps), NoticeKind.OFFERED, "TE26000003")
        await send(service)
        assert len(await hear(client, 1)) == 1
    assert await waiting(service) == 0


async def test_without_a_device_nothing_is_kept(server: Server, service: Teleexpertise) -> None:
    await tell(service, await person(server, CAST["paul"]), NoticeKind.ANSWERED, "TE26000001")
    assert await waiting(service) == 0


async def test_a_link_opens_a_conversation_with_the_peer_by_number_only(server: Server, service: Teleexpertise) -> None:
    paul = await person(server, CAST["paul"])
    assert await service.parts.notices.find_account(paul.id) is None
    await issue(server, CAST["paul"])
    account = await server.house.accounts.find_by_practitioner(paul.id)
    assert account is not None
    assert await service.parts.notices.find_account(paul.id) == account.uid
    assert talk_link(account.uid, "TE26000001") == f"miss:talk?u={account.uid.hex()}&r=TE26000001"
