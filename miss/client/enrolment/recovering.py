"""With the recovery key: a new device, when no other is at hand.  protocol §5

Two things are needed: a ticket, given to whoever signs in on the account's pages, and what opens the recovery key,
which those pages never see.  The key opens the user key of today, hence everything that retention has left.
"""

from ssl import SSLContext
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import AccountId, DeviceId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client import identity_api
from miss.client.account.recovery import find_paper, require_paper, unwrap
from miss.client.enrolment.pending import find_pending, finish, keep, require_root, user_key_box
from miss.client.errors import CertifiedIdentityMismatch, RecoveryKeyMissing, UserKeyForged
from miss.client.http import HttpExchange
from miss.client.identity_api import RecoveryAnswer
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.changes import compose_recover
from miss.protocol.crypto.keys import DeviceKeys, UserKey, open_user_key
from miss.protocol.crypto.links import DevicePublic, Op, Proof, cosign, parse_link
from miss.protocol.crypto.recovery import recovery_device_keys
from miss.protocol.crypto.wraps import Method, parse_wraps
from miss.protocol.errors import BadSealed

METHOD: Final = "recovery-key"


async def recover_device(
    store: Store,
    server_url: str,
    *,
    rpps: str,
    ticket: str,
    code: str = "",
    passphrase: str = "",
    device_name: str,
    expected_fingerprint: str,
    clock: Clock,
    random_bytes: RandomBytes,
    language: Language = Language.FR,
    ssl_context: SSLContext | None = None,
) -> AccountId:
    """Link a new device with the recovery key; the account it now speaks for.

    `ticket`: from the account's pages, good for fifteen minutes.  `code` or `passphrase`: what opens the recovery
    key.  `expected_fingerprint`: of the operator's root, as printed with it.  After a crash or a lost answer, the same
    call again links the same device.  Raises StoreHasDevice, BadRecoveryCode, BadRecoveryPassphrase,
    WrongRecoverySecret, RecoveryKeyMissing, RecoveryNotProven, UserKeyForged, RootMismatch,
    CertifiedIdentityMismatch, ServerRefused (`wrong_activation_code`…), ServerUnreachable, LinkError, BadOpCert.
    """
    http = HttpExchange(server_url, language=language, ssl_context=ssl_context)
    method = Method.PASSPHRASE if passphrase else Method.CODE
    time = ServerTime(clock)

    async def make() -> DeviceRecord:
        answer = await identity_api.open_recovery(http, rpps, ticket)
        require_root(answer.root, expected_fingerprint)
        time.note(answer.server_ts)
        return _make_device(store, server_url, rpps, answer, method, passphrase or code, time.now_ms(), random_bytes)

    async def send(record: DeviceRecord) -> bytes:
        box = user_key_box(store, record)
        return await identity_api.link_recovered(http, rpps, ticket, record.link, box, device_name)

    try:
        known = find_pending(store, server_url, Op.RECOVER)
        return (await finish(store, known, make, send)).uid
    finally:
        await http.aclose()


def _make_device(
    store: Store,
    server_url: str,
    rpps: str,
    answer: RecoveryAnswer,
    method: Method,
    secret: str,
    now_ms: int,
    random_bytes: RandomBytes,
) -> DeviceRecord:
    """New keys, their link vouched for by the recovery key, and the user key; stored as not linked yet."""
    chain = verify_chain([parse_link(raw) for raw in answer.links], answer.root, answer.opcerts, now_ms)
    if (chain.uid, chain.who.rpps) != (answer.uid, rpps):
        raise CertifiedIdentityMismatch(field="rpps")
    rk = unwrap(parse_wraps(answer.wraps), chain.uid, method, secret)
    paper, paper_keys = find_paper(chain), recovery_device_keys(rk)
    if paper is None:
        raise RecoveryKeyMissing
    require_paper(paper, rk)
    user_key = _open_user_key(answer, chain, paper.did, paper_keys)
    did, keys = DeviceId(random_bytes(16)), DeviceKeys.generate(random_bytes)
    link = compose_recover(
        chain,
        device=DevicePublic(did, keys.ik_public, keys.ek_public),
        paper=paper.did,
        paper_keys=paper_keys,
        proof=Proof(METHOD, now_ms),
        ts_ms=now_ms,
    )
    record = DeviceRecord(chain.uid, did, keys, server_url, answer.root, cosign(link, keys).to_bytes())
    return keep(store, record, user_key, answer.opcerts, answer.links)


def _open_user_key(answer: RecoveryAnswer, chain: Chain, paper: DeviceId, keys: DeviceKeys) -> UserKey:
    """The user key in force.  Raises UserKeyForged if what the server shows is not the one of the chain."""
    try:
        key = open_user_key(answer.box, chain.uid, paper, chain.uek_gen, keys)
    except BadSealed:
        raise UserKeyForged(generation=chain.uek_gen) from None
    if key.public != chain.uek_pk:
        raise UserKeyForged(generation=chain.uek_gen)
    return key
