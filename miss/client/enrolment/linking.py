"""With the code of a letter: a person's first device, or a fresh start after everything was lost.  protocol §3

code ──> who am I, which root?          the root's fingerprint is compared with the letter
keys ──> genesis or reset link, stored  before the server hears of them: a crash here is resumed
link ──> countersigned by the operator  verified against the root, then the device counts
"""

from ssl import SSLContext
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import AccountId, DeviceId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client import identity_api
from miss.client.enrolment.pending import find_pending, finish, keep, require_root
from miss.client.errors import CertifiedIdentityMismatch
from miss.client.http import HttpExchange
from miss.client.identity_api import ActivationAnswer, WhoFields
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.changes import compose_reset
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import Op, Proof, Who, compose_genesis, parse_link
from miss.protocol.crypto.opcert import Purpose, verify_opcerts
from miss.protocol.errors import OpCertRefused

METHOD: Final = "activation-code"
PURPOSES: Final = {Op.GENESIS: "device", Op.RESET: "reset"}


async def link_device(
    store: Store,
    server_url: str,
    *,
    rpps: str,
    code: str,
    device_name: str,
    expected_fingerprint: str,
    clock: Clock,
    random_bytes: RandomBytes,
    language: Language = Language.FR,
    ssl_context: SSLContext | None = None,
) -> AccountId:
    """Link a person's first device, once; the account it now speaks for.

    `expected_fingerprint`: as printed on the activation letter, spaces and case aside.  After a crash or a lost
    answer, the same call again links the same device.  Raises StoreHasDevice, RootMismatch, ServerRefused
    (a wrong code: `wrong_activation_code`; a person with a device: `already_linked`…), ServerUnreachable,
    CertifiedIdentityMismatch, LinkError, BadOpCert.
    """
    http = HttpExchange(server_url, language=language, ssl_context=ssl_context)
    letter = _Letter(store, server_url, http, Op.GENESIS, rpps, code, expected_fingerprint, clock, random_bytes)
    return await letter.enrol(device_name)


async def reset_device(
    store: Store,
    server_url: str,
    *,
    rpps: str,
    code: str,
    device_name: str,
    expected_fingerprint: str,
    clock: Clock,
    random_bytes: RandomBytes,
    language: Language = Language.FR,
    ssl_context: SSLContext | None = None,
) -> AccountId:
    """Start over on this device with the operator's reset code: every other device and the recovery key leave.

    What was said before is lost, and every contact is warned.  Arguments, resuming and errors as for `link_device`
    (a person who never had a device: ServerRefused `nothing_to_reset`).
    """
    http = HttpExchange(server_url, language=language, ssl_context=ssl_context)
    letter = _Letter(store, server_url, http, Op.RESET, rpps, code, expected_fingerprint, clock, random_bytes)
    return await letter.enrol(device_name)


class _Letter:
    """One letter, and the device it makes."""

    def __init__(
        self,
        store: Store,
        server_url: str,
        http: HttpExchange,
        op: Op,
        rpps: str,
        code: str,
        expected_fingerprint: str,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._store = store
        self._server_url = server_url
        self._http = http
        self._op = op
        self._rpps = rpps
        self._code = code
        self._expected_fingerprint = expected_fingerprint
        self._time = ServerTime(clock)
        self._random_bytes = random_bytes

    async def enrol(self, device_name: str) -> AccountId:
        async def send(record: DeviceRecord) -> bytes:
            return await identity_api.link_device(
                self._http, self._rpps, self._code, record.link, device_name, PURPOSES[self._op]
            )

        try:
            known = find_pending(self._store, self._server_url, self._op)
            return (await finish(self._store, known, self._make, send)).uid
        finally:
            await self._http.aclose()

    async def _make(self) -> DeviceRecord:
        """New keys and their link, stored as not linked yet."""
        activation = await identity_api.check_activation(self._http, self._rpps, self._code, PURPOSES[self._op])
        require_root(activation.root, self._expected_fingerprint)
        if activation.who.rpps != self._rpps:
            raise CertifiedIdentityMismatch(field="rpps")
        self._time.note(activation.server_ts)
        certs = verify_opcerts(activation.opcerts, activation.root)
        if not any(cert.covers(Purpose.IDENTITY, self._time.now_ms()) for cert in certs):
            # Before the code is spent on a link whose countersignature nobody could check.
            raise OpCertRefused(reason="identity")
        did, keys = DeviceId(self._random_bytes(16)), DeviceKeys.generate(self._random_bytes)
        if self._op is Op.RESET:
            return self._start_over(activation, did, keys)
        uid, now_ms = AccountId(activation.uid), self._time.now_ms()
        user_key = UserKey.generate(1, self._random_bytes)
        link = compose_genesis(
            uid=uid,
            did=did,
            keys=keys,
            user_key=user_key,
            who=_who(activation.who),
            proof=Proof(METHOD, now_ms),
            ts_ms=now_ms,
        )
        record = DeviceRecord(uid, did, keys, self._server_url, activation.root, link.to_bytes())
        return keep(self._store, record, user_key, activation.opcerts)

    def _start_over(self, activation: ActivationAnswer, did: DeviceId, keys: DeviceKeys) -> DeviceRecord:
        now_ms = self._time.now_ms()
        links = [parse_link(raw) for raw in activation.links]
        chain = verify_chain(links, activation.root, activation.opcerts, now_ms)
        if chain.uid != activation.uid:
            raise CertifiedIdentityMismatch(field="uid")
        user_key = UserKey.generate(chain.uek_gen + 1, self._random_bytes)
        link = compose_reset(
            chain,
            did=did,
            keys=keys,
            user_key=user_key,
            who=_who(activation.who),
            proof=Proof(METHOD, now_ms),
            ts_ms=now_ms,
        )
        record = DeviceRecord(chain.uid, did, keys, self._server_url, activation.root, link.to_bytes())
        return keep(self._store, record, user_key, activation.opcerts, activation.links)


def _who(fields: WhoFields) -> Who:
    return Who(rpps=fields.rpps, family=fields.family, given=fields.given, profession=fields.profession)
