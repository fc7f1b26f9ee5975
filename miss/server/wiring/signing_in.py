"""What the pages of signing in stand on, built for the composition root; services are never lent these."""

from prometheus_client import Counter
from starlette.routing import BaseRoute

from miss.directory.sign_in.factors import SecondFactors
from miss.directory.sign_in.passkeys.model import relying_party
from miss.directory.sign_in.passkeys.service import Passkeys
from miss.directory.sign_in.psc import ProSanteConnect, PscSettings
from miss.directory.sign_in.reset import PasswordReset
from miss.protocol.session import Rate
from miss.server.house import House
from miss.server.mails.reset import ResetMails
from miss.server.settings import read_secret
from miss.server.web.attempts import Attempts
from miss.server.web.front import Front
from miss.server.web.own_security import SecurityPages
from miss.server.web.own_sessions import SessionPages
from miss.server.web.psc import PSC_RETURN_PATH, PscPages
from miss.server.web.reset import ResetPages
from miss.server.web.sessions import SignInCookies
from miss.server.web.sign_in import SignInPages


def build_second_factors(house: House) -> SecondFactors:
    """Passwords are followed by a second factor from now on."""
    return SecondFactors(house.db, house.clock, house.random_bytes, house.keystore, house.accounts, house.sign_in)


def build_front(house: House, sign_in_rate: Rate) -> Front:
    """`sign_in_rate`: of sign-ins and activations, by address."""
    settings = house.settings
    factors = build_second_factors(house)
    passkeys = Passkeys(
        house.db,
        house.clock,
        house.random_bytes,
        house.accounts,
        house.sign_in,
        factors,
        relying_party(settings.public_origin),
    )
    attempts = Attempts(house.rates, sign_in_rate)
    cookies, has_psc = SignInCookies(https=settings.https), bool(settings.psc_issuer)
    refused = Counter("miss_sign_in_refusals", "Sign-ins refused, by code.", ["code"], registry=house.metrics)
    return Front(house.pages, house.sign_in, factors, passkeys, attempts, cookies, refused, has_psc)


def front_routes(house: House, front: Front, reset: PasswordReset) -> list[BaseRoute]:
    """Every route of signing in.  Raises SecretUnreadable."""
    groups = (SignInPages(front), SecurityPages(front), SessionPages(front), ResetPages(front, reset))
    routes = [route for group in groups for route in group.routes()]
    if front.has_psc:
        routes.extend(PscPages(front, _psc(house)).routes())
    return routes


def build_password_reset(house: House, front: Front) -> PasswordReset:
    """« Mot de passe oublié »; its job is the caller's to register."""
    settings = house.settings
    return PasswordReset(
        house.db,
        house.clock,
        house.random_bytes,
        house.practitioners,
        house.accounts,
        house.sign_in,
        front.factors,
        house.jobs,
        ResetMails(house.outbox, settings.mail_domain, settings.public_origin),
    )


def _psc(house: House) -> ProSanteConnect:
    """Pro Santé Connect, which `settings` names whole.  Raises SecretUnreadable."""
    settings = house.settings
    return ProSanteConnect(
        house.db,
        house.clock,
        house.random_bytes,
        house.accounts,
        house.sign_in,
        PscSettings(
            issuer=settings.psc_issuer,
            client_id=settings.psc_client_id,
            client_secret=read_secret(settings.psc_client_secret_file),
            redirect_uri=f"{settings.public_origin}{PSC_RETURN_PATH}",
        ),
    )
