"""Making this installation a device of its owner, with the code of the activation letter.  protocol §3

code ──> who am I, which root?          the root's fingerprint is compared with the letter
keys ──> genesis link, stored           before the server hears of them: a crash here is resumed
link ──> countersigned by the operator  verified against the root, then the device counts
"""

from ssl import SSLContext
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import AccountId, DeviceId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client import api
from miss.client.api import ActivationAnswer, WhoFields
from miss.client.errors import CertifiedIdentityMismatch, RootMismatch, ServerRefused, StoreHasDevice
from miss.client.http import HttpExchange
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.keys import DeviceKeys, UserKey
from miss.protocol.crypto.links import Proof, Who, compose_genesis, parse_link
from miss.protocol.crypto.opcert import root_fingerprint

METHOD: Final = "activation-code"
OUTDATED: Final = frozenset({"device_clock_wrong", "identity_mismatch"})
"""Refusals of a link for its age: its date, or an identity that the directory has corrected since."""


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
    """Link the device that `store` belongs to, once; the account it now speaks for.

    `expected_fingerprint`: as printed on the activation letter, spaces and case aside.  After a crash or a lost
    answer, the same call again links the same device.  Raises StoreHasDevice, RootMismatch, ServerRefused
    (a wrong code: `wrong_activation_code`…), ServerUnreachable, CertifiedIdentityMismatch, LinkError, BadOpCert.
    """
    known = store.device.find()
    if known is not None and known.is_linked:
        raise StoreHasDevice
    if known is not None and known.server_url != server_url:
        store.device.forget_unlinked()
        known = None
    http = HttpExchange(server_url, language=language, ssl_context=ssl_context)

    async def make() -> DeviceRecord:
        activation = await api.check_activation(http, rpps, code)
        _check(activation, rpps, expected_fingerprint)
        return _make_device(store, activation, server_url, clock, random_bytes)

    try:
        record = known or await make()
        try:
            countersigned = await api.link_device(http, rpps, code, record.link, device_name)
        except ServerRefused as refused:
            if known is None or refused.server_code not in OUTDATED:
                raise
            # A try of another day, which the server never took: its link will not be signed any more.
            store.device.forget_unlinked()
            record = await make()
            countersigned = await api.link_device(http, rpps, code, record.link, device_name)
    finally:
        await http.aclose()
    _accept(store, record, countersigned)
    return record.uid


def _check(activation: ActivationAnswer, rpps: str, expected_fingerprint: str) -> None:
    seen = root_fingerprint(activation.root)
    if _bare(seen) != _bare(expected_fingerprint):
        raise RootMismatch(seen=seen, expected=expected_fingerprint)
    if activation.who.rpps != rpps:
        raise CertifiedIdentityMismatch(field="rpps")


def _bare(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()


def _make_device(
    store: Store, activation: ActivationAnswer, server_url: str, clock: Clock, random_bytes: RandomBytes
) -> DeviceRecord:
    """New keys and their genesis link, stored as not linked yet."""
    time = ServerTime(clock)
    time.note(activation.server_ts)
    now_ms = time.now_ms()
    uid, did = AccountId(activation.uid), DeviceId(random_bytes(16))
    keys, user_key = DeviceKeys.generate(random_bytes), UserKey.generate(1, random_bytes)
    link = compose_genesis(
        uid=uid,
        did=did,
        keys=keys,
        user_key=user_key,
        who=_who(activation.who),
        proof=Proof(METHOD, now_ms),
        ts_ms=now_ms,
    )
    record = DeviceRecord(uid, did, keys, server_url, activation.root, link.to_bytes())
    with store.transaction():
        store.device.keep(record, user_key)
        store.device.add_opcerts(activation.opcerts)
    return record


def _who(fields: WhoFields) -> Who:
    return Who(rpps=fields.rpps, family=fields.family, given=fields.given, profession=fields.profession)


def _accept(store: Store, record: DeviceRecord, countersigned: bytes) -> None:
    """Pin our own chain if it is our own link that the operator signed."""
    link = parse_link(countersigned)
    if link.core_bytes != parse_link(record.link).core_bytes:
        raise CertifiedIdentityMismatch(field="link")
    verify_chain([link], record.root, store.device.opcerts())
    with store.transaction():
        store.people.append(record.uid, 1, [countersigned])
        store.device.mark_linked()
