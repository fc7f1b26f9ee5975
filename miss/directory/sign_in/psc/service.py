"""Sign in, or prove again who one is, through Pro Santé Connect: authorization code, PKCE, state, nonce.

The account is the one with the same RPPS number; nobody gets one by signing in.  What was begun is bound to the browser
by a cookie, so that nobody can make another's browser end it.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest

import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.sign_in.model import Method, Opened, SignedIn, Visit
from miss.directory.sign_in.psc.errors import PscAccountMissing, PscRefused
from miss.directory.sign_in.psc.model import PscSettings, compose_authorization, read_rpps, require_recent
from miss.directory.sign_in.psc.provider import Provider
from miss.directory.sign_in.service import SHARED, SignIn
from miss.directory.sign_in.steps import STEP_VALIDITY, Step, StepKind
from miss.storage import Database

log = structlog.get_logger("miss.directory")

SECRET_BYTES = 32
AFTER = "after"
CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Sent:
    """The browser goes to the provider."""

    step_token: str
    address: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The browser came back with a proof."""

    opened: Opened
    after: str
    """The page that was asked for at the beginning."""
    visit: Visit


class ProSanteConnect:
    """The provider and our accounts."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        accounts: Accounts,
        sign_in: SignIn,
        settings: PscSettings,
    ) -> None:
        self._db = db
        self._random_bytes = random_bytes
        self._accounts = accounts
        self._sign_in = sign_in
        self._provider = Provider(settings, clock)

    async def begin(self, after: str, *, is_shared: bool = False, confirm: SignedIn | None = None) -> Sent:
        """Where to send the browser.  `confirm`: who is signed in and proves it again.  Raises PscUnavailable."""
        endpoints = await self._provider.endpoints()
        state, nonce, verifier = self._secret(), self._secret(), self._secret()
        data = {"state": state, "nonce": nonce, "verifier": verifier, AFTER: after}
        data |= {SHARED: "1"} if is_shared else {}
        uid = confirm.account.uid if confirm else None
        data |= {CONFIRM: "1"} if confirm else {}
        token = await self._sign_in.sessions.begin_step(StepKind.PRO_SANTE_CONNECT, uid, data)
        address = compose_authorization(
            endpoints.authorization,
            self._provider.settings,
            state=state,
            nonce=nonce,
            verifier=verifier,
            again=confirm is not None,
        )
        return Sent(token, address)

    async def finish(self, step_token: str, came_with: Mapping[str, str], visit: Visit, token: str) -> Returned:
        """The browser is back with `came_with` in its address; `token`: of the session it has, if any.

        Raises StepExpired, PscRefused, PscAccountMissing, PscUnavailable, AccountNotActive, SessionNotFound.
        """
        async with self._db.transaction() as tx:
            step = await self._sign_in.sessions.take_step(tx, step_token, StepKind.PRO_SANTE_CONNECT)
        try:
            account = await self._identify(step, came_with)
        except PscRefused as refused:
            log.warning("psc.refused", why=refused.params.get("why"))
            await self._sign_in.record_refusal(None, Method.PRO_SANTE_CONNECT)
            raise
        visit = Visit(visit.user_agent, visit.address, SHARED in step.data)
        async with self._db.transaction() as tx:
            if CONFIRM in step.data:
                if account.uid != step.uid:
                    raise PscRefused(why="another person")
                opened = await self._sign_in.sessions.renew(tx, token, Method.PRO_SANTE_CONNECT)
            else:
                opened = await self._sign_in.sessions.open(tx, account, Method.PRO_SANTE_CONNECT, visit, replaces=token)
        return Returned(opened, step.data[AFTER], visit)

    async def _identify(self, step: Step, came_with: Mapping[str, str]) -> Account:
        if not compare_digest(came_with.get("state", "").encode(), step.data["state"].encode()):
            raise PscRefused(why="state")
        # RFC 9207: an answer that names its issuer names ours.
        if came_with.get("iss", self._provider.settings.issuer) != self._provider.settings.issuer:
            raise PscRefused(why="iss")
        if "error" in came_with or not came_with.get("code"):
            raise PscRefused(why="error")
        claims = await self._provider.redeem(came_with["code"], step.data["verifier"], step.data["nonce"])
        if CONFIRM in step.data:
            require_recent(claims[0], step.ends_at - STEP_VALIDITY)
        account = await self._accounts.find_by_rpps(read_rpps(*claims))
        if account is None:
            raise PscAccountMissing
        return account

    def _secret(self) -> str:
        return urlsafe_b64encode(self._random_bytes(SECRET_BYTES)).decode().rstrip("=")
