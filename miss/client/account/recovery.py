"""The recovery key: made here, shown once, typed back, put in place and tested by a round trip.  protocol §5

The key itself is never shown or stored: a printed code or a generated passphrase opens the wrap that the server
keeps.  A recovery key counts for nothing until somebody has opened it once from what the server really holds.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from miss.base.clock import from_ms
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client.account.model import RecoveryState, require_room
from miss.client.account.rotation import LOST_RACE, MAX_REBASES, Rotation
from miss.client.account.user_keys import UserKeys
from miss.client.api import ServerApi
from miss.client.errors import (
    RecoveryKeyExists,
    RecoveryKeyMissing,
    RecoveryNotProven,
    RecoverySecretMistyped,
    ServerRefused,
    ServerUnreachable,
)
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.chains import Chain, Device
from miss.protocol.crypto.changes import compose_add
from miss.protocol.crypto.keys import seal_user_key
from miss.protocol.crypto.links import PAPER, DevicePublic, Proof, cosign
from miss.protocol.crypto.recovery import (
    compose_recovery_code,
    compose_recovery_key,
    parse_recovery_code,
    recovery_device_keys,
    recovery_did,
    sign_recovery_test,
    unwrap_with_code,
    unwrap_with_passphrase,
    wrap_with_code,
    wrap_with_passphrase,
)
from miss.protocol.crypto.words import compose_passphrase, parse_passphrase
from miss.protocol.crypto.wraps import Method, Wrap, parse_wraps


def unwrap(wraps: tuple[Wrap, ...], uid: AccountId, method: Method, secret: str) -> bytes:
    """RK, from the wrap that opens with a code or a passphrase.

    Raises RecoveryKeyMissing if there is none of that method, WrongRecoverySecret, BadRecoveryCode,
    BadRecoveryPassphrase, WrapTooCostly.
    """
    wrap = next((wrap for wrap in wraps if wrap.method is method), None)
    if wrap is None:
        raise RecoveryKeyMissing(method=method.value)
    if method is Method.PASSPHRASE:
        return unwrap_with_passphrase(wrap, uid, secret)
    return unwrap_with_code(wrap, uid, secret)


def normalise(method: Method, secret: str) -> str:
    """The same secret however it is typed.  Raises BadRecoveryCode, BadRecoveryPassphrase."""
    return parse_passphrase(secret) if method is Method.PASSPHRASE else parse_recovery_code(secret)


def find_paper(chain: Chain) -> Device | None:
    """The recovery key of a verified chain."""
    return next((device for device in chain.devices.values() if device.paper), None)


class Recovery:
    """`Client.recovery`."""

    def __init__(
        self,
        device: DeviceRecord,
        identities: Identities,
        user_keys: UserKeys,
        rotation: Rotation,
        api: ServerApi,
        time: ServerTime,
        random_bytes: RandomBytes,
        language: Language,
    ) -> None:
        self._device = device
        self._identities = identities
        self._user_keys = user_keys
        self._rotation = rotation
        self._api = api
        self._time = time
        self._random_bytes = random_bytes
        self._language = language

    async def state(self) -> RecoveryState:
        """Whether there is a recovery key, by the verified chain, and how it opens, by the server's word.

        Raises ServerRefused, ServerUnreachable, BadWrap, and as `Identities.refresh`.
        """
        chain = await self._identities.refresh(self._device.uid)
        answer = await self._api.identity.fetch_recovery()
        if find_paper(chain) is None or not answer.wraps:
            return RecoveryState(False, None, ())
        tested_at = None if answer.tested_at is None else from_ms(answer.tested_at)
        return RecoveryState(True, tested_at, tuple(wrap.method for wrap in parse_wraps(answer.wraps)))

    # Making one

    async def prepare(self, method: Method = Method.CODE) -> "Prepared":
        """A new recovery key, and what opens it, to be shown once; nothing has happened yet.

        Raises RecoveryKeyExists (see `replace`, `add_method`), TooManyDevices, and as `Identities.refresh`.
        """
        chain = await self._identities.refresh(self._device.uid)
        if find_paper(chain) is not None:
            raise RecoveryKeyExists
        require_room(chain)
        return self._prepare_key(method, replaces=False)

    async def replace(self, method: Method = Method.CODE) -> "Prepared":
        """A new recovery key in place of the one there is, which is worth nothing from `confirm` on.

        The old one leaves the chain first, and the user key changes.  Broken off in between, there is none: `state`
        says so, `prepare` makes another.  Raises TooManyDevices if there would be no room for the new one then, and
        as `Identities.refresh`.
        """
        chain = await self._identities.refresh(self._device.uid)
        require_room(chain, leaving=find_paper(chain))
        return self._prepare_key(method, replaces=True)

    async def add_method(self, known: str, method: Method, known_method: Method = Method.CODE) -> "Prepared":
        """Another way to open the recovery key there is, in place of the one of the same method.

        `known`: what opens it now.  Raises as `test`.
        """
        rk, wraps = await self._open(known_method, known)
        secret = self._compose(method)
        new = self._wrap(rk, method, secret)
        kept = [wrap for wrap in wraps if wrap.method is not method]

        async def put() -> None:
            await self._api.identity.put_wraps([wrap.to_bytes() for wrap in (*kept, new)])

        return Prepared(self, method, secret, put)

    def _prepare_key(self, method: Method, *, replaces: bool) -> "Prepared":
        rk, secret = compose_recovery_key(self._random_bytes), self._compose(method)
        wrap = self._wrap(rk, method, secret)
        return Prepared(self, method, secret, lambda: self._enter(rk, wrap, replaces=replaces))

    def _compose(self, method: Method) -> str:
        if method is Method.PASSPHRASE:
            return compose_passphrase(self._random_bytes, self._language)
        return compose_recovery_code(self._random_bytes)

    def _wrap(self, rk: bytes, method: Method, secret: str) -> Wrap:
        wrap = wrap_with_passphrase if method is Method.PASSPHRASE else wrap_with_code
        return wrap(rk, self._device.uid, secret, self._random_bytes)

    async def _enter(self, rk: bytes, wrap: Wrap, *, replaces: bool) -> None:
        """Put the recovery key into the chain and its wrap on the server; harmless if it is there."""
        for attempt in range(1, MAX_REBASES + 1):
            chain = await self._identities.refresh(self._device.uid)
            paper = find_paper(chain)
            if paper is not None and paper.did == recovery_did(rk):
                return
            if paper is not None:
                if not replaces:
                    raise RecoveryKeyExists
                await self._rotation.revoke(paper.did)
                chain = await self._identities.refresh(self._device.uid)
            try:
                await self._send(chain, rk, wrap)
            except ServerUnreachable:
                # It may have arrived: the chain tells, if it can be asked.
                if attempt == MAX_REBASES:
                    raise
            except ServerRefused as refused:
                if refused.server_code not in LOST_RACE or attempt == MAX_REBASES:
                    raise
            else:
                return

    async def _send(self, chain: Chain, rk: bytes, wrap: Wrap) -> None:
        did, keys = recovery_did(rk), recovery_device_keys(rk)
        now_ms = self._time.now_ms()
        link = compose_add(
            chain,
            device=DevicePublic(did, keys.ik_public, keys.ek_public),
            by=self._device.did,
            by_keys=self._device.keys,
            proof=Proof(PAPER, now_ms),
            ts_ms=now_ms,
        )
        user_key = await self._user_keys.follow()
        box = seal_user_key(user_key, self._device.uid, did, keys.ek_public)
        signed = await self._api.identity.send_link(
            cosign(link, keys).to_bytes(), [(did, box)], wraps=[wrap.to_bytes()]
        )
        await self._identities.take_link(self._device.uid, signed)

    # Testing it

    async def test(self, secret: str, method: Method = Method.CODE) -> datetime:
        """Open the recovery key from what the server keeps, and let the server write down that it worked; when.

        Raises BadRecoveryCode or BadRecoveryPassphrase for a slip of the pen, WrongRecoverySecret, RecoveryKeyMissing,
        RecoveryNotProven (what opens is not the recovery key of the chain), ServerRefused, ServerUnreachable.
        """
        rk, _ = await self._open(method, secret)
        ts_ms = self._time.now_ms()
        signature = sign_recovery_test(recovery_device_keys(rk), recovery_did(rk), ts_ms)
        return from_ms(await self._api.identity.report_recovery_tested(signature, ts_ms))

    async def _open(self, method: Method, secret: str) -> tuple[bytes, tuple[Wrap, ...]]:
        """RK, shown to be the one of the chain, and every wrap of it."""
        paper = find_paper(await self._identities.refresh(self._device.uid))
        answer = await self._api.identity.fetch_recovery()
        if paper is None or not answer.wraps:
            raise RecoveryKeyMissing
        wraps = parse_wraps(answer.wraps)
        rk = unwrap(wraps, self._device.uid, method, secret)
        require_paper(paper, rk)
        return rk, wraps


def require_paper(paper: Device, rk: bytes) -> None:
    """Raises RecoveryNotProven unless `rk` is the recovery key that the chain names."""
    keys = recovery_device_keys(rk)
    if (paper.did, paper.ik, paper.ek) != (recovery_did(rk), keys.ik_public, keys.ek_public):
        raise RecoveryNotProven(reason="key")


class Prepared:
    """A secret to be shown once, and typed back."""

    def __init__(self, recovery: Recovery, method: Method, secret: str, put: Callable[[], Awaitable[None]]) -> None:
        self._recovery = recovery
        self.method = method
        self.secret = secret
        """The code, in groups, or the eight words: to be printed or written down, not stored."""
        self._put = put

    def __repr__(self) -> str:
        return f"Prepared(method={self.method!r})"

    async def confirm(self, typed: str) -> datetime:
        """The owner typed the secret back: put the key in place, then test it by a round trip; when that worked.

        Broken off, the same call again goes on.  Raises RecoverySecretMistyped, BadRecoveryCode,
        BadRecoveryPassphrase, RecoveryKeyExists, and as `Recovery.test` and `Rotation.revoke`.
        """
        if normalise(self.method, typed) != normalise(self.method, self.secret):
            raise RecoverySecretMistyped
        await self._put()
        return await self._recovery.test(typed, self.method)
