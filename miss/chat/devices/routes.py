"""The doors of devices and people: linking, chains, tokens, the directory.  No rules here: each asks the room."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from miss.base.clock import to_ms
from miss.base.ids import AccountId, DeviceId
from miss.chat.devices.model import LinkedDevice
from miss.chat.http import Door, Pace, answer, caller, path_bytes, query_number, read_body
from miss.chat.search import find_people
from miss.directory.accounts import ActivationPurpose
from miss.protocol.ids import Did, Millis, Number, Signature, Uid
from miss.protocol.limits import MAX_LINK_BYTES, MAX_MEMBERS

if TYPE_CHECKING:
    from miss.chat.service import Chat

MAX_ENTRIES = 20
Short = Annotated[str, Meta(max_length=200)]
LetterPurpose = Literal["device", "reset"]
"""What a code from a letter opens here."""


class ActivationAsked(msgspec.Struct):
    """POST activation."""

    rpps: Short
    code: Short
    purpose: LetterPurpose = "device"


class LinkingAsked(msgspec.Struct):
    """POST devices."""

    rpps: Short
    code: Short
    link: Annotated[bytes, Meta(max_length=MAX_LINK_BYTES)]
    name: Short
    purpose: LetterPurpose = "device"


class TokenAsked(msgspec.Struct):
    """POST token and own-chain."""

    did: Did
    ts: Millis
    sig: Signature


class NameSent(msgspec.Struct):
    """PATCH devices/{did}."""

    name: Short


class ChainsAsked(msgspec.Struct):
    """POST chains."""

    want: Annotated[list[tuple[Uid, Number]], Meta(max_length=MAX_MEMBERS)]


class DeviceDoors:
    """The endpoints of this room."""

    def __init__(self, chat: "Chat") -> None:
        self._chat = chat

    def doors(self) -> Sequence[Door]:
        """Every one of them."""
        return (
            Door("POST", "activation", self.activation),
            Door("POST", "devices", self.link_device),
            Door("POST", "token", self.renew_token),
            Door("POST", "own-chain", self.own_chain),
            Door("GET", "devices", self.list_devices),
            Door("PATCH", "devices/{did}", self.rename_device),
            Door("GET", "users/{uid}/chain", self.chain),
            Door("POST", "chains", self.chains),
            Door("GET", "directory", self.directory),
            Door("GET", "imposed", self.imposed),
        )

    # Who has no token yet

    async def activation(self, request: Request) -> Response:
        """Who a device with this code would speak for, and the operator to pin.  Uses nothing up."""
        asked = await read_body(request, ActivationAsked)
        found = await self._chat.linking.activation(asked.rpps, asked.code, ActivationPurpose(asked.purpose))
        who = found.who
        return answer(
            {
                "uid": found.uid,
                "who": {"rpps": who.rpps, "family": who.family, "given": who.given, "profession": who.profession},
                "root": found.root,
                "opcerts": found.opcerts,
                "links": found.links,
                "server_ts": to_ms(self._chat.desk.clock.now()),
            }
        )

    async def link_device(self, request: Request) -> Response:
        """Countersign the link of a new device, with a code of activation; the link as everybody sees it."""
        asked = await read_body(request, LinkingAsked)
        purpose = ActivationPurpose(asked.purpose)
        link = await self._chat.linking.link(asked.rpps, asked.code, asked.link, asked.name, purpose)
        return answer({"link": link})

    async def renew_token(self, request: Request) -> Response:
        """A token for a device that signs the time; until when it is good, in ms.  Raises as `Devices.renew_token`."""
        asked = await read_body(request, TokenAsked)
        token, expires_at = await self._chat.devices.renew_token(asked.did, asked.ts, asked.sig)
        return answer({"token": token, "expires_at": to_ms(expires_at)})

    async def own_chain(self, request: Request) -> Response:
        """Where a device finds the signed link that revoked it: no token is given to it any more."""
        asked = await read_body(request, TokenAsked)
        links = await self._chat.devices.list_own_links(asked.did, asked.ts, asked.sig)
        return answer({"links": links, "opcerts": self._chat.signer.opcerts})

    # Devices and people

    async def list_devices(self, request: Request) -> Response:
        """The caller’s devices, revoked ones too."""
        by = await caller(request, self._chat.devices)
        devices = await self._chat.devices.list_(by.uid)
        return answer({"devices": [_shown(device, by) for device in devices]})

    async def rename_device(self, request: Request) -> Response:
        """Give one of one’s own devices another name.  Raises DeviceNameRefused, NotFound."""
        by = await caller(request, self._chat.devices)
        did = DeviceId(path_bytes(request, "did", 16))
        await self._chat.devices.rename(by.uid, did, (await read_body(request, NameSent)).name)
        return answer({})

    async def chain(self, request: Request) -> Response:
        """Somebody’s whole chain, oldest link first, and the operator certificates.  Raises NotFound."""
        await caller(request, self._chat.devices)
        uid = AccountId(path_bytes(request, "uid", 16))
        return answer({"links": await self._chat.devices.list_links(uid), "opcerts": self._chat.signer.opcerts})

    async def chains(self, request: Request) -> Response:
        """Many chains at once, each from where the client knows it."""
        await caller(request, self._chat.devices)
        asked = await read_body(request, ChainsAsked)
        chains, more = await self._chat.devices.list_many(asked.want)
        return answer({"chains": chains, "opcerts": self._chat.signer.opcerts, "more": more})

    async def directory(self, request: Request) -> Response:
        """At most `limit` people whom a text means, with their accounts: the picker.  Counted, as every search."""
        by = await caller(request, self._chat.devices)
        self._chat.gate.count(by.uid, Pace.SEARCHES)
        limit = query_number(request, "limit", MAX_ENTRIES, 1, MAX_ENTRIES)
        entries = await find_people(self._chat, request.query_params.get("q", ""), limit)
        return answer({"entries": entries})

    async def imposed(self, request: Request) -> Response:
        """What the establishments that the caller works for impose on their devices; nil: nothing."""
        by = await caller(request, self._chat.devices)
        person = (await self._chat.accounts.get(by.uid)).practitioner_id
        found = await self._chat.workstations.imposed_on(person)
        return answer({"lock_after_min_max": found.lock_after_min_max})


def _shown(device: LinkedDevice, by: LinkedDevice) -> Mapping[str, object]:
    return {
        "did": device.did,
        "name": device.name,
        "linked_at": to_ms(device.linked_at),
        "revoked_at": to_ms(device.revoked_at) if device.revoked_at else None,
        "paper": device.paper,
        "last_seen": to_ms(device.last_seen) if device.last_seen else None,
        "current": device.did == by.did,
    }
