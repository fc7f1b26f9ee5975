"""A recovery key as its owner has it, and a fresh installation that comes back with it."""

from dataclasses import replace
from typing import Any

from miss.base.clock import to_ms
from miss.base.ids import AccountId, DeviceId
from miss.directory.accounts import ActivationPurpose
from miss.protocol.crypto.chains import Chain, verify_chain
from miss.protocol.crypto.changes import compose_recover
from miss.protocol.crypto.keys import DeviceKeys, open_user_key, seal_user_key
from miss.protocol.crypto.links import DevicePublic, Link, Proof, cosign, parse_link
from miss.protocol.crypto.recovery import (
    compose_recovery_code,
    compose_recovery_key,
    recovery_device_keys,
    recovery_did,
    unwrap_with_code,
    wrap_with_code,
)
from miss.protocol.crypto.wraps import parse_wrap
from tests.miss.chat.kit import Member, Place, Process, post


class Paper:
    """A recovery key and the code that its owner has written down."""

    def __init__(self, place: Place, uid: AccountId) -> None:
        self.rk = compose_recovery_key(place.random_bytes)
        self.did = DeviceId(recovery_did(self.rk))
        self.keys = recovery_device_keys(self.rk)
        self.code = compose_recovery_code(place.random_bytes)
        self.wraps = [wrap_with_code(self.rk, uid, self.code, place.random_bytes).to_bytes()]

    def as_device(self, owner: Member) -> Member:
        return replace(owner, did=self.did, keys=self.keys)

    async def enrolment(self, process: Process, place: Place, by: Member) -> dict[str, Any]:
        link = cosign(await by.addition(process, place, self.as_device(by), "paper"), self.keys)
        box = seal_user_key(by.user_key, by.uid, self.did, self.keys.ek_public)
        return {"link": link.to_bytes(), "boxes": [(self.did, box)], "wraps": self.wraps}

    async def enrol(self, process: Process, place: Place, by: Member) -> None:
        await post(process, "links", await self.enrolment(process, place, by), by.token(process))


async def ticket(place: Place, uid: AccountId) -> str:
    """As the account's own page gives it."""
    return (await place.accounts.issue_activation(uid, ActivationPurpose.RECOVERY, by=uid.hex())).code


async def recover(
    process: Process, place: Place, lost: Member, code: str, paper_code: str
) -> tuple[Member, dict[str, Any]]:
    """What a fresh installation does with a ticket and the recovery code: the new device, and what it sends."""
    opened = await post(process, "recovery/open", {"rpps": lost.rpps, "code": code})
    uid = AccountId(opened["uid"])
    chain = verify_chain(map(parse_link, opened["links"]), opened["root"], opened["opcerts"])
    rk = unwrap_with_code(parse_wrap(opened["wraps"][0]), uid, paper_code)
    keys, did = recovery_device_keys(rk), DeviceId(recovery_did(rk))
    user_key = open_user_key(opened["box"], uid, did, opened["generation"], keys)
    new = replace(lost, did=DeviceId(place.random_bytes(16)), keys=DeviceKeys.generate(place.random_bytes))
    new.user_key = user_key
    link = recovery_link(place, chain, new, did, keys)
    box = seal_user_key(user_key, uid, new.did, new.keys.ek_public)
    return new, {"rpps": lost.rpps, "code": code, "link": link.to_bytes(), "box": box, "name": "Nouveau poste"}


def recovery_link(place: Place, chain: Chain, new: Member, paper: DeviceId, keys: DeviceKeys) -> Link:
    now_ms = to_ms(place.clock.now())
    link = compose_recover(
        chain,
        device=DevicePublic(new.did, new.keys.ik_public, new.keys.ek_public),
        paper=paper,
        paper_keys=keys,
        proof=Proof("recovery", now_ms),
        ts_ms=now_ms,
    )
    return cosign(link, new.keys)
