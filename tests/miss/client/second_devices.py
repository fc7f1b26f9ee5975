"""More than one device for a person of the tests, through the real server."""

import asyncio

from miss.base.random import system_random
from miss.client import Client, pair_device, recover_device, reset_device
from miss.directory.accounts import ActivationPurpose
from tests.conditions import WAIT_S
from tests.miss.client.chat_server import CLOCK, ChatServer


async def pair(server: ChatServer, client: Client, name: str, url: str | None = None) -> None:
    """Let a second device in, whose store is called `name`; it is linked on return.  `url`: its way to the server."""
    async with asyncio.timeout(WAIT_S):
        invitation = await client.devices.invite()
        answered = asyncio.create_task(answer(server, name, url or server.url, invitation.code))
        try:
            assert (await invitation.offer()).name == name
            await invitation.accept()
            await answered
        finally:
            answered.cancel()


async def answer(server: ChatServer, name: str, url: str, code: str) -> None:
    """The new device's side of a pairing."""
    with server.store(name) as store:
        await pair_device(store, url, code, device_name=name, clock=CLOCK, random_bytes=system_random)


async def ticket(server: ChatServer, rpps: str, purpose: ActivationPurpose) -> str:
    """A code for somebody who has an account: for recovery as the account's page gives it, or the operator's reset."""
    account = await server.accounts.find_by_rpps(rpps)
    assert account is not None
    by = account.uid.hex() if purpose is ActivationPurpose.RECOVERY else "test"
    return (await server.accounts.issue_activation(account.uid, purpose, by)).code


async def recover(
    server: ChatServer,
    rpps: str,
    name: str,
    *,
    url: str | None = None,
    code: str = "",
    passphrase: str = "",
    with_ticket: str = "",
) -> None:
    """A new device by the recovery key.  `with_ticket`: the one to use, if there is one already."""
    with server.store(name) as store:
        await recover_device(
            store,
            url or server.url,
            rpps=rpps,
            ticket=with_ticket or await ticket(server, rpps, ActivationPurpose.RECOVERY),
            code=code,
            passphrase=passphrase,
            device_name=name,
            expected_fingerprint=server.signer.root_fingerprint,
            clock=CLOCK,
            random_bytes=system_random,
        )


async def reset(server: ChatServer, rpps: str, name: str, code: str = "", *, url: str | None = None) -> None:
    """A fresh start by the operator's code.  `url`: the new device's way to the server."""
    with server.store(name) as store:
        await reset_device(
            store,
            url or server.url,
            rpps=rpps,
            code=code or await ticket(server, rpps, ActivationPurpose.RESET),
            device_name=name,
            expected_fingerprint=server.signer.root_fingerprint,
            clock=CLOCK,
            random_bytes=system_random,
        )
