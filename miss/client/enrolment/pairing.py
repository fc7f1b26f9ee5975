"""With another device: the code it shows, typed or scanned here.  protocol §5

    code ──> offer       who asks to be let in, sealed under the code: the server sees neither
    answer ──> link      the owner said yes there; chain, root and user key come with it, all verified
    link ──> server      countersigned by the operator, then the device counts

Every step is stored before it is taken, so that the same call again goes on where it was broken off.
"""

from collections.abc import Awaitable
from ssl import SSLContext
from typing import Final, TypeVar

import msgspec

from miss.base.clock import Clock, to_ms
from miss.base.ids import AccountId, DeviceId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client import identity_api
from miss.client.enrolment.pending import OUTDATED, accept, find_pending, keep, user_key_box
from miss.client.errors import PairingExpired, PairingOutdated, PairingRefused, PairingTaken, ServerRefused
from miss.client.http import HttpExchange
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.crypto.links import DevicePublic, Op, parse_link
from miss.protocol.crypto.pairing import (
    accept_answer,
    compose_offer,
    pairing_keys,
    parse_answer,
    parse_pairing_code,
    parse_pairing_uri,
)
from miss.protocol.errors import ProtocolError

T = TypeVar("T")

GONE: Final = "pairing_unknown"
TAKEN: Final = "pairing_taken"


class _Pending(msgspec.Struct, frozen=True, array_like=True):
    """What an unfinished pairing goes on with."""

    server_url: str
    code: str
    did: bytes
    keys: bytes
    offer: bytes


_decoder = msgspec.msgpack.Decoder(_Pending)


async def pair_device(
    store: Store,
    server_url: str,
    code: str = "",
    *,
    device_name: str,
    clock: Clock,
    random_bytes: RandomBytes,
    language: Language = Language.FR,
    ssl_context: SSLContext | None = None,
) -> AccountId:
    """Link a new device by the code that another one of the same person shows; the account it now speaks for.

    `server_url`: the server's, with the typed `code`; or the scanned text (`miss:pair?…`), without.  `device_name`: at
    most 80 characters, shown to the owner on the other device.  Returns once the owner has accepted there: put it in
    `asyncio.timeout`; the same call again goes on, after a crash too.  Raises StoreHasDevice, BadPairingCode,
    BadPairingUri, PairingExpired, PairingTaken, PairingRefused, PairingOutdated, ServerRefused, ServerUnreachable.
    """
    if not code:
        invitation = parse_pairing_uri(server_url)
        server_url, code = invitation.server_url, invitation.code
    http = HttpExchange(server_url, language=language, ssl_context=ssl_context)
    guest = _Guest(store, http, server_url, parse_pairing_code(code), device_name, clock, random_bytes)
    try:
        return await guest.pair()
    finally:
        await http.aclose()


class _Guest:
    """The device that asks to be let in."""

    def __init__(
        self,
        store: Store,
        http: HttpExchange,
        server_url: str,
        code: str,
        device_name: str,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._store = store
        self._http = http
        self._server_url = server_url
        self._code = code
        self._device_name = device_name
        self._clock = clock
        self._random_bytes = random_bytes

    async def pair(self) -> AccountId:
        record = find_pending(self._store, self._server_url, Op.ADD)
        pending = self._find()
        if record is not None and pending is not None:
            # Let in already, as far as the other device is concerned: only the server's answer is missing.
            if await self._link(record, pending.code, is_last_word=pending.code == self._code):
                return record.uid
            pending = None
        if pending is None or (pending.server_url, pending.code) != (self._server_url, self._code):
            pending = self._offer()
        record = await self._wait(pending)
        await self._link(record, pending.code, is_last_word=True)
        return record.uid

    def _find(self) -> _Pending | None:
        value = self._store.device.pending_pairing()
        return None if value is None else _decoder.decode(value)

    def _offer(self) -> _Pending:
        """New keys, and the offer that names them, stored."""
        did, keys = DeviceId(self._random_bytes(16)), DeviceKeys.generate(self._random_bytes)
        device = DevicePublic(did, keys.ik_public, keys.ek_public)
        offer = compose_offer(pairing_keys(self._code), device, self._device_name, self._random_bytes)
        pending = _Pending(self._server_url, self._code, did, keys.to_secret(), offer)
        self._store.device.keep_pairing(msgspec.msgpack.encode(pending))
        return pending

    async def _wait(self, pending: _Pending) -> DeviceRecord:
        """Lay the offer down and wait for the answer; the device it makes, stored as not linked yet."""
        slot = pairing_keys(pending.code).slot
        await self._ask(identity_api.put_offer(self._http, slot, pending.offer))
        answer = None
        while answer is None:
            answer = await self._ask(identity_api.wait_for_answer(self._http, slot))
        try:
            return self._keep(pending, answer)
        except ProtocolError as error:
            self._store.device.forget_pairing()
            raise PairingRefused(reason=error.code) from error

    def _keep(self, pending: _Pending, sealed: bytes) -> DeviceRecord:
        """Verify the answer and store what it brings.  Raises a ProtocolError for whatever does not hold."""
        did, keys = DeviceId(pending.did), DeviceKeys.from_secret(pending.keys)
        answer = parse_answer(pairing_keys(pending.code), pending.offer, sealed)
        # This device's own clock may be wrong; the other one has just dated its link by the server's.
        now_ms = max(to_ms(self._clock.now()), parse_link(answer.link).core.ts)
        accepted = accept_answer(answer, DevicePublic(did, keys.ik_public, keys.ek_public), keys, now_ms)
        uid, link = accepted.chain.uid, accepted.link.to_bytes()
        record = DeviceRecord(uid, did, keys, pending.server_url, answer.root, link)
        return keep(self._store, record, accepted.user_key, answer.opcerts, answer.links)

    async def _link(self, record: DeviceRecord, code: str, *, is_last_word: bool) -> bool:
        """Send the link and count.  False: it came to nothing, and another code was given (`is_last_word` unset)."""
        slot, box = pairing_keys(code).slot, user_key_box(self._store, record)
        try:
            link = await identity_api.link_paired(self._http, slot, record.link, box, self._device_name)
        except ServerRefused as refused:
            if refused.server_code not in OUTDATED | {GONE}:
                raise
            with self._store.transaction():
                self._store.device.forget_unlinked()
                self._store.device.forget_pairing()
            if not is_last_word:
                return False
            raise PairingExpired if refused.server_code == GONE else PairingOutdated from None
        accept(self._store, record, link)
        return True

    async def _ask(self, request: Awaitable[T]) -> T:
        """A question about the slot, its refusals under their own names; whoever asks again starts over."""
        try:
            return await request
        except ServerRefused as refused:
            if refused.server_code not in {GONE, TAKEN}:
                raise
            self._store.device.forget_pairing()
            raise PairingExpired if refused.server_code == GONE else PairingTaken from None
