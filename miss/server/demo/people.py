"""Who plays: fictive practitioners of the sample directory, their accounts and their codes."""

from dataclasses import dataclass

from miss.directory.accounts import ActivationPurpose
from miss.directory.practitioners import Practitioner, PractitionerNotFound
from miss.directory.roles import Role
from miss.directory.sample import open_mailboxes, open_register, people
from miss.server.demo.browser import Browser
from miss.server.house import House

CARE_TEAM = (people.PAUL_EXEMPLE, people.CLAIRE_TEMOIN, people.HUGO_FACTICE)
EXPERTS = (people.ANNE_MODELE, people.KARIM_ESSAI)
COORDINATOR = people.MARC_COORDO
PAGE_USERS = (people.PAUL_EXEMPLE, *EXPERTS, COORDINATOR)
BY = "demo"


@dataclass(frozen=True, slots=True)
class PageUser:
    """Somebody who signs in on the pages."""

    practitioner: Practitioner
    password: str


async def load_directory(house: House) -> int:
    """Import the sample extractions, open and verify the accounts of who plays; how many people there are."""
    with open_register() as lines:
        report = await house.practitioners.import_register(lines)
    with open_mailboxes() as lines:
        await house.practitioners.import_mailboxes(lines)
    for rpps in {*CARE_TEAM, *PAGE_USERS}:
        if await house.accounts.find_by_rpps(rpps) is None:
            practitioner = await get_practitioner(house, rpps)
            account = await house.accounts.open(practitioner.id, by=BY)
            await house.accounts.verify(account.uid, by=BY)
            await house.roles.appoint(account, Role.PRACTITIONER, by=BY)
    return report.new + report.changed + report.unchanged


async def get_practitioner(house: House, rpps: str) -> Practitioner:
    """Raises PractitionerNotFound."""
    practitioner = await house.practitioners.find_by_rpps(rpps)
    if practitioner is None:
        raise PractitionerNotFound
    return practitioner


async def issue_code(house: House, rpps: str, purpose: ActivationPurpose) -> str:
    """What the operator hands over with the activation letter."""
    account = await house.accounts.find_by_rpps(rpps)
    if account is None:
        raise PractitionerNotFound
    return (await house.accounts.issue_activation(account.uid, purpose, by=BY)).code


async def activate_pages(house: House, origin: str, rpps: str) -> PageUser:
    """Go through the activation page with a fresh code, as a person would."""
    password = f"demonstration-{house.random_bytes(10).hex()}"
    code = await issue_code(house, rpps, ActivationPurpose.BROWSER)
    async with Browser(origin) as browser:
        await browser.send(
            "/activation", {"rpps": rpps, "code": code, "password": password, "password_again": password}
        )
    return PageUser(await get_practitioner(house, rpps), password)


async def sign_in(browser: Browser, user: PageUser) -> None:
    """Sign in on the pages."""
    await browser.send("/connexion", {"login": user.practitioner.rpps or "", "password": user.password, "suite": "/"})
