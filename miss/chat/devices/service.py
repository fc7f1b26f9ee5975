"""Chains and authentication: who has which devices, and whether this is one of them.  protocol §3, §7

Chains are verified once per process and kept, so that a commit of a care team costs a comparison of heads and not
fifty signatures.  How a chain grows is `ledger.py`.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from miss.base.clock import Clock, to_ms
from miss.base.errors import NotFound
from miss.base.ids import AccountId, DeviceId
from miss.chat.devices import store
from miss.chat.devices.errors import AuthRefused, DeviceRevoked, TokenRefused
from miss.chat.devices.last_seen import LastSeen
from miss.chat.devices.model import Claimant, LinkedDevice, require_name
from miss.chat.devices.tokens import VALIDITY, compose_token, parse_token
from miss.chat.gathered import Gathered
from miss.directory.accounts import Accounts
from miss.directory.accounts.errors import AccountNotActive
from miss.directory.signer import Signer
from miss.protocol.crypto.auth import verify_auth
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.links import parse_link
from miss.protocol.crypto.primitives import hash_
from miss.storage import Database, Transaction

CACHED_CHAINS = 10_000
MAX_CHAINS_BYTES = 4 * 1024 * 1024
"""Links one answer about many people holds; the client asks again for who is missing."""
MAX_CLAIMANTS = 100
"""Devices that are looked up together."""
TOKEN_REQUEST_TOLERANCE = timedelta(minutes=2)


class Devices:
    """The service of this room."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, signer: Signer, *, host: str) -> None:
        """`host`: the name clients connect to, which their signatures cover."""
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._signer = signer
        self._host = host
        self.last_seen = LastSeen(db)
        self._token_key = signer.token_key
        self._chains: OrderedDict[AccountId, Chain] = OrderedDict()
        self._claimants = Gathered(self._read_claimants, most=MAX_CLAIMANTS)

    # One's own

    async def list_(self, uid: AccountId) -> list[LinkedDevice]:
        """Every device this person ever linked, oldest first; a few dozen in a lifetime."""
        async with self._db.snapshot() as tx:
            return await store.list_devices(tx, uid)

    async def rename(self, uid: AccountId, did: DeviceId, name: str) -> None:
        """Give one of one's own active devices another name.  Raises DeviceNameRefused, NotFound."""
        name = require_name(name)
        async with self._db.transaction() as tx:
            if not await store.rename_device(tx, uid, did, name):
                raise NotFound(did=did.hex())

    # Chains

    async def list_links(self, uid: AccountId) -> list[bytes]:
        """The chain as sent, oldest link first.  Raises NotFound for somebody without a device."""
        async with self._db.snapshot() as tx:
            links = await store.list_links(tx, uid)
        if not links:
            raise NotFound(uid=uid.hex())
        return list(links)

    async def list_many(
        self, want: Sequence[tuple[AccountId, int]]
    ) -> tuple[list[tuple[AccountId, Sequence[bytes]]], bool]:
        """For each person the links after the one that is known, in the order asked; True if some did not fit.

        A person without a device has no links.  What fits: MAX_CHAINS_BYTES, and always the first person.
        """
        chains: list[tuple[AccountId, Sequence[bytes]]] = []
        size_bytes = 0
        async with self._db.snapshot() as tx:
            for uid, known_seq in want:
                links = await store.list_links(tx, uid, known_seq)
                size_bytes += sum(map(len, links))
                if chains and size_bytes > MAX_CHAINS_BYTES:
                    return chains, True
                chains.append((uid, links))
        return chains, False

    async def linked_among(self, uids: Collection[AccountId]) -> frozenset[AccountId]:
        """Those of `uids` who have a chain, hence can be written to."""
        async with self._db.snapshot() as tx:
            return frozenset(await store.heads_of(tx, uids))

    async def find_chain(self, uid: AccountId) -> Chain | None:
        """The verified chain as it stands now; None for somebody without a device."""
        async with self._db.snapshot() as tx:
            return (await self.chains_in(tx, [uid])).get(uid)

    async def chains_in(self, tx: Transaction, uids: Collection[AccountId]) -> dict[AccountId, Chain]:
        """The verified chains of these people in the caller's snapshot; whoever has no device is absent."""
        heads = await store.heads_of(tx, uids)
        return {uid: await self._chain(tx, uid, head) for uid, head in heads.items()}

    async def _chain(self, tx: Transaction, uid: AccountId, head: bytes) -> Chain:
        chain = self._chains.get(uid)
        if chain is None or chain.head != head:
            links = [parse_link(link) for link in await store.list_links(tx, uid, chain.seq if chain else 0)]
            chain = verify_chain(links, self._signer.root_public, self._signer.opcerts, after=chain)
            self._chains[uid] = chain
            while len(self._chains) > CACHED_CHAINS:
                self._chains.popitem(last=False)
        self._chains.move_to_end(uid)
        return chain

    async def has_account(self, uid: AccountId) -> bool:
        """True if somebody of that identifier has an account, in whatever state."""
        return uid in await self._accounts.get_many([uid])

    # Authentication

    async def authenticate(self, did: DeviceId, nonce: bytes, signature: bytes) -> LinkedDevice:
        """The device that signed this nonce for this host.

        Raises AuthRefused (also for the recovery key), DeviceRevoked, AccountNotActive.
        """
        return (await self.identify(did, nonce, signature)).device

    async def identify(self, did: DeviceId, nonce: bytes, signature: bytes) -> Claimant:
        """`authenticate`, and what else is known of the device.  Raises as it does."""
        claimant = await self._claimants.find(did)
        if claimant is None or not verify_auth(claimant.device.ik, nonce, self._host, signature):
            raise AuthRefused
        return self._require_counts(claimant)

    def issue_token(self, did: DeviceId) -> str:
        """An HTTP token for a device that has just authenticated."""
        return compose_token(self._token_key, did, self._clock.now())

    async def renew_token(self, did: DeviceId, ts_ms: int, signature: bytes) -> tuple[str, datetime]:
        """A token for a device that signs H("http-token", did ‖ ts) as it signs the nonce of a socket; its end.

        Raises AuthRefused (also when `ts_ms` is more than two minutes off), DeviceRevoked, AccountNotActive.
        """
        await self.authenticate(did, self._moment("http-token", did, ts_ms), signature)
        return self.issue_token(did), self._clock.now() + VALIDITY

    def _moment(self, label: str, did: DeviceId, ts_ms: int) -> bytes:
        """What a device signs in place of a socket's nonce.  Raises AuthRefused if `ts_ms` is two minutes off."""
        if abs(to_ms(self._clock.now()) - ts_ms) > TOKEN_REQUEST_TOLERANCE / timedelta(milliseconds=1):
            raise AuthRefused
        return hash_(label, did + ts_ms.to_bytes(8, "big"))

    async def list_own_links(self, did: DeviceId, ts_ms: int, signature: bytes) -> list[bytes]:
        """The chain of the device's owner, for a device that signs H("own-chain", did ‖ ts), be it revoked.

        A device wipes itself on the signed link only, which it has to be able to read.  Raises AuthRefused.
        """
        device = await self._find(did)
        if device is None or not verify_auth(device.ik, self._moment("own-chain", did, ts_ms), self._host, signature):
            raise AuthRefused
        return await self.list_links(device.uid)

    async def device_of(self, token: str) -> LinkedDevice:
        """The device a token stands for.  Raises TokenRefused, DeviceRevoked, AccountNotActive."""
        claimant = await self._claimants.find(parse_token(self._token_key, token, self._clock.now()))
        if claimant is None:
            raise TokenRefused
        return self._require_counts(claimant).device

    def did_of(self, token: str) -> DeviceId | None:
        """Whose token this is, if it is one of ours; whether the device still counts is not looked up."""
        try:
            return parse_token(self._token_key, token, self._clock.now())
        except TokenRefused:
            return None

    async def _find(self, did: DeviceId) -> LinkedDevice | None:
        async with self._db.snapshot() as tx:
            return await store.find_device(tx, did)

    async def _read_claimants(self, dids: Sequence[DeviceId]) -> dict[DeviceId, Claimant]:
        async with self._db.hot_reads() as tx:
            devices = await store.find_devices(tx, dids)
            uids = {device.uid for device in devices}
            active = await self._accounts.active_among(tx, uids)
            heads = await store.find_heads(tx, uids)
        return {
            device.did: Claimant(device, heads[device.uid], is_active=device.uid in active)
            for device in devices
            if device.uid in heads
        }

    def _require_counts(self, claimant: Claimant) -> Claimant:
        device = claimant.device
        if device.revoked_at is not None:
            raise DeviceRevoked(did=device.did.hex())
        if device.paper:
            raise AuthRefused
        if not claimant.is_active:
            raise AccountNotActive
        self.last_seen.note(device, self._clock.now())
        return claimant
