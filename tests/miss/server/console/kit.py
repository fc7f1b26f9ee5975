"""What the tests of the console share."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx

from miss.directory.accounts import Account
from miss.directory.sign_in import Method, Visit
from miss.server.doors import Server


async def account_of(server: Server, rpps: str) -> Account:
    """Somebody's account."""
    found = await server.house.accounts.find_by_rpps(rpps)
    assert found is not None
    return found


def browser(server: Server) -> httpx.AsyncClient:
    """A browser that runs no script and follows no redirection by itself."""
    origin = server.house.settings.public_origin
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(server.app, raise_app_exceptions=True),
        base_url=origin,
        headers={"Accept": "text/html", "Origin": origin},
    )


async def sign_in(server: Server, client: httpx.AsyncClient, rpps: str) -> None:
    """Give the browser a fresh session of somebody."""
    account = await account_of(server, rpps)
    async with server.house.db.transaction() as tx:
        opened = await server.house.sign_in.sessions.open(tx, account, Method.PASSKEY, Visit())
    client.cookies.set("miss", opened.token)


async def mails_to(server: Server, address: str) -> list[EmailMessage]:
    """What left for that address, oldest first, once every job that is due has run."""
    while await server.house.jobs.run_due():
        pass
    paths = sorted((server.house.settings.data_dir / "spool").glob("*.eml"))
    mails = [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in paths]
    return [mail for mail in mails if address in str(mail["To"])]
