"""The server's HTTP endpoints for devices, user keys, pairing and recovery, one each.  docs/protocol.md §5, §7

Decodes and nothing more, as `api` does: what comes back is as trustworthy as the server until it is verified.
Functions are for who has no device yet, `IdentityApi` for a linked device.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.client.http import HttpExchange, TokenSource
from miss.protocol.ids import Millis

LONG_POLL_S: Final = 20
"""The longest the server keeps a question about a pairing waiting."""


class WhoFields(msgspec.Struct, frozen=True):
    """An identity as the directory has it."""

    rpps: str
    family: str
    given: str
    profession: str


class ActivationAnswer(msgspec.Struct, frozen=True):
    """Who an activation code is for, and the keys to check the server by."""

    uid: bytes
    who: WhoFields
    root: bytes
    opcerts: tuple[bytes, ...]
    server_ts: Millis
    links: tuple[bytes, ...] = ()
    """The person's chain so far; empty before the first device."""


class RecoveryAnswer(msgspec.Struct, frozen=True):
    """What a recovery begins with."""

    uid: bytes
    root: bytes
    opcerts: tuple[bytes, ...]
    links: tuple[bytes, ...]
    wraps: tuple[bytes, ...]
    generation: int
    box: bytes
    """The user key, sealed to the recovery key."""
    server_ts: Millis


class DeviceLine(msgspec.Struct, frozen=True):
    """One own device as the server lists it; times in milliseconds since 1970."""

    did: bytes
    name: str
    linked_at: int
    revoked_at: int | None
    paper: bool
    last_seen: int | None
    current: bool


class UserKeyAnswer(msgspec.Struct, frozen=True):
    """The generation in force, and its key sealed to the asking device if another device made it."""

    generation: int
    box: bytes | None


class VaultPage(msgspec.Struct, frozen=True):
    """Vault entries in the order of conversation and epoch, sealed under the user key of `generation`."""

    generation: int
    entries: tuple[tuple[bytes, int, bytes], ...]
    more: bool


class ChainsAnswer(msgspec.Struct, frozen=True):
    """Links after those that were known, by person."""

    chains: tuple[tuple[bytes, tuple[bytes, ...]], ...]
    opcerts: tuple[bytes, ...]
    more: bool = False


class RecoveryStateAnswer(msgspec.Struct, frozen=True):
    """The recovery key as the server knows it; `tested_at` in milliseconds since 1970."""

    wraps: tuple[bytes, ...]
    paper_did: bytes | None
    tested_at: int | None


class Nothing(msgspec.Struct, frozen=True):
    """An empty answer."""


class _Linked(msgspec.Struct, frozen=True):
    link: bytes


class _Devices(msgspec.Struct, frozen=True):
    devices: tuple[DeviceLine, ...]


class _Expiry(msgspec.Struct, frozen=True):
    expires_at: int


class _Offered(msgspec.Struct, frozen=True):
    offer: bytes | None


class _Answered(msgspec.Struct, frozen=True):
    answer: bytes | None


class _Tested(msgspec.Struct, frozen=True):
    tested_at: int


# Without a device


async def check_activation(http: HttpExchange, rpps: str, code: str, purpose: str) -> ActivationAnswer:
    """Who the code is for; `purpose`: "device" or "reset".

    Raises ServerRefused (`wrong_activation_code`…), ServerUnreachable, as every call here.
    """
    body = {"rpps": rpps, "code": code, "purpose": purpose}
    return await http.exchange("POST", "/api/chat/activation", ActivationAnswer, body=body)


async def link_device(http: HttpExchange, rpps: str, code: str, link: bytes, name: str, purpose: str) -> bytes:
    """The link, countersigned; the code is used up.  The same link again gets the same answer."""
    body = {"rpps": rpps, "code": code, "link": link, "name": name, "purpose": purpose}
    return (await http.exchange("POST", "/api/chat/devices", _Linked, body=body)).link


async def open_recovery(http: HttpExchange, rpps: str, ticket: str) -> RecoveryAnswer:
    """What a recovery begins with; uses nothing up."""
    return await http.exchange("POST", "/api/chat/recovery/open", RecoveryAnswer, body={"rpps": rpps, "code": ticket})


async def link_recovered(http: HttpExchange, rpps: str, ticket: str, link: bytes, box: bytes, name: str) -> bytes:
    """The `recover` link, countersigned; `box`: the user key for the new device.  The same link again: the same."""
    body = {"rpps": rpps, "code": ticket, "link": link, "box": box, "name": name}
    return (await http.exchange("POST", "/api/chat/recovery/devices", _Linked, body=body)).link


async def put_offer(http: HttpExchange, slot: bytes, offer: bytes) -> None:
    """Lay the new device's offer into a pairing slot; refused with `pairing_taken` if it holds another."""
    await http.exchange("PUT", f"/api/chat/pairing/{slot.hex()}/offer", Nothing, body={"offer": offer})


async def wait_for_answer(http: HttpExchange, slot: bytes) -> bytes | None:
    """The answer of the other device; None: none yet, ask again."""
    path, query = f"/api/chat/pairing/{slot.hex()}/answer", _wait()
    return (await http.exchange("GET", path, _Answered, query=query)).answer


async def link_paired(http: HttpExchange, slot: bytes, link: bytes, box: bytes, name: str) -> bytes:
    """The `add` link, cosigned, back countersigned; `box`: the user key for the new device."""
    body = {"link": link, "box": box, "name": name}
    return (await http.exchange("POST", f"/api/chat/pairing/{slot.hex()}/device", _Linked, body=body)).link


def _wait() -> dict[str, str | int]:
    return {"wait_s": LONG_POLL_S}


class IdentityApi:
    """What a linked device may ask.  Every method raises ServerRefused and ServerUnreachable."""

    def __init__(self, http: HttpExchange, token: TokenSource) -> None:
        self._http = http
        self._token = token

    # Devices and chains

    async def fetch_devices(self) -> Sequence[DeviceLine]:
        return (await self._http.exchange("GET", "/api/chat/devices", _Devices, token=self._token)).devices

    async def rename_device(self, did: DeviceId, name: str) -> None:
        path, body = f"/api/chat/devices/{did.hex()}", {"name": name}
        await self._http.exchange("PATCH", path, Nothing, body=body, token=self._token)

    async def fetch_chains(self, want: Sequence[tuple[AccountId, int]]) -> ChainsAnswer:
        """Each person's links after the number given; at most 500 people."""
        return await self._http.exchange(
            "POST", "/api/chat/chains", ChainsAnswer, body={"want": want}, token=self._token
        )

    # User key and vault

    async def fetch_user_key(self) -> UserKeyAnswer:
        return await self._http.exchange("GET", "/api/chat/user-key", UserKeyAnswer, token=self._token)

    async def fetch_vault(self, after: tuple[ConversationId, int] | None, limit: int) -> VaultPage:
        """The entries that follow conversation and epoch `after` (None: the first)."""
        query: dict[str, str | int] = {"limit": limit}
        if after is not None:
            query["after"] = f"{after[0].hex()},{after[1]}"
        return await self._http.exchange("GET", "/api/chat/vault", VaultPage, query=query, token=self._token)

    async def send_link(
        self,
        link: bytes,
        boxes: Sequence[tuple[DeviceId, bytes]],
        vault: Sequence[tuple[ConversationId, int, bytes]] = (),
        wraps: Sequence[bytes] = (),
    ) -> bytes:
        """A rotation (`revoke`, `uek`) or the entry of a recovery key (`add`, with `wraps`); the link countersigned.

        Refused with `stale_link` or `link_out_of_order` if the chain moved, `vault_incomplete` with what is missing.
        """
        body: dict[str, object] = {"link": link, "boxes": boxes, "vault": vault}
        if wraps:
            body["wraps"] = wraps
        return (await self._http.exchange("POST", "/api/chat/links", _Linked, body=body, token=self._token)).link

    # Recovery key

    async def fetch_recovery(self) -> RecoveryStateAnswer:
        return await self._http.exchange("GET", "/api/chat/recovery", RecoveryStateAnswer, token=self._token)

    async def put_wraps(self, wraps: Sequence[bytes]) -> None:
        await self._http.exchange("PUT", "/api/chat/recovery/wraps", Nothing, body={"wraps": wraps}, token=self._token)

    async def report_recovery_tested(self, signature: bytes, ts_ms: int) -> int:
        """When the server wrote the test down, in milliseconds since 1970."""
        path, body = "/api/chat/recovery/tested", {"sig": signature, "ts": ts_ms}
        return (await self._http.exchange("POST", path, _Tested, body=body, token=self._token)).tested_at

    # Pairing, on the device that lets another in

    async def open_pairing(self, slot: bytes) -> int:
        """When the slot expires, in milliseconds since 1970."""
        return (
            await self._http.exchange("POST", "/api/chat/pairing", _Expiry, body={"slot": slot}, token=self._token)
        ).expires_at

    async def wait_for_offer(self, slot: bytes) -> bytes | None:
        """The offer of the new device; None: none yet, ask again."""
        path, query = f"/api/chat/pairing/{slot.hex()}/offer", _wait()
        return (await self._http.exchange("GET", path, _Offered, query=query, token=self._token)).offer

    async def put_answer(self, slot: bytes, answer: bytes) -> None:
        path = f"/api/chat/pairing/{slot.hex()}/answer"
        await self._http.exchange("PUT", path, Nothing, body={"answer": answer}, token=self._token)

    async def cancel_pairing(self, slot: bytes) -> None:
        await self._http.exchange("DELETE", f"/api/chat/pairing/{slot.hex()}", Nothing, token=self._token)
