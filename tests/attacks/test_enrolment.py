"""Lies told to a device that is just coming in: by its letter, by another device, by the recovery key.

The same call, once the server is honest, brings the device in.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from miss.base.errors import MissError
from miss.base.random import system_random
from miss.client import link_device, recover_device
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample.people import LUCIE_SPECIMEN, PAUL_EXEMPLE
from tests.attacks.forge import Forger, flipped
from tests.attacks.middle import Answering, Body, Lie
from tests.attacks.scene import BEFORE, Scene, pair
from tests.attacks.watch import store_of

Change = Callable[[Scene, Forger, Body], Body]


@dataclass(frozen=True)
class Line:
    name: str
    endpoint: str
    expected: str
    change: Change


def refused(error: MissError) -> str:
    return getattr(error, "server_code", "") or error.code


async def attempt(doing: Awaitable[object]) -> str:
    """The name under which it was refused; empty if it was not."""
    try:
        await doing
    except MissError as error:
        return refused(error)
    return ""


# By the letter


def who(body: Body, **changes: str) -> Body:
    return body | {"who": body["who"] | changes}


ACTIVATION = [
    Line("root swapped", "POST activation", "root_mismatch", lambda s, f, b: b | {"root": b"r" * 32}),
    Line("certificates by another root", "POST activation", "bad_opcert", lambda s, f, b: b | {
        "opcerts": [f.foreign_certificate()]}),
    Line("certificates dropped", "POST activation", "opcert_refused", lambda s, f, b: b | {"opcerts": []}),
    Line("number swapped", "POST activation", "certified_identity_mismatch", lambda s, f, b: who(b, rpps=PAUL_EXEMPLE)),
    Line("name swapped", "POST activation", "identity_mismatch", lambda s, f, b: who(b, family="Dupont")),
    Line("account swapped", "POST activation", "identity_mismatch", lambda s, f, b: b | {"uid": s.uids["paul"]}),
    Line("time swapped", "POST activation", "device_clock_wrong", lambda s, f, b: b | {
        "server_ts": b["server_ts"] - 86_400_000}),
    Line("time beyond any calendar", "POST activation", "server_unreachable", lambda s, f, b: b | {
        "server_ts": 2**53 - 1}),
    Line("countersignature altered", "POST devices", "link_not_countersigned", lambda s, f, b: b | {
        "link": flipped(b["link"])}),
    Line("link swapped", "POST devices", "certified_identity_mismatch", lambda s, f, b: b | {
        "link": s.template.links["paul"][0]}),
    Line("link on keys of the server", "POST devices", "certified_identity_mismatch", lambda s, f, b: b | {
        "link": f.genesis(b["link"])}),
]  # fmt: skip


@pytest.mark.parametrize("line", ACTIVATION, ids=lambda line: line.name)
async def test_by_the_letter(scene: Scene, line: Line) -> None:
    account = await scene.place.open_account(LUCIE_SPECIMEN)
    code = (await scene.place.accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "test")).code
    forger = Forger(scene.place)
    lie = scene.middle.lie = Answering(line.endpoint, lambda body: line.change(scene, forger, body))
    with store_of(scene.folder, "lucie") as store:

        def link() -> Awaitable[object]:
            return link_device(
                store,
                scene.middle.url,
                rpps=LUCIE_SPECIMEN,
                code=code,
                device_name="Poste d'essai",
                expected_fingerprint=scene.place.signer.root_fingerprint,
                clock=scene.place.clock,
                random_bytes=system_random,
            )

        assert await attempt(link()) == line.expected
        assert lie.told
        scene.middle.lie = Lie()
        assert await attempt(link()) == ""


# By another device

PAIRING = [
    Line("offer altered", "GET pairing/.*/offer", "pairing_refused", lambda s, f, b: b | {
        "offer": b["offer"] and flipped(b["offer"])}),
    Line("answer altered", "GET pairing/.*/answer", "pairing_refused", lambda s, f, b: b | {
        "answer": b["answer"] and flipped(b["answer"])}),
    Line("answer cut", "GET pairing/.*/answer", "pairing_refused", lambda s, f, b: b | {
        "answer": b["answer"] and b["answer"][:40]}),
    Line("paired link altered", "POST pairing/.*/device", "link_not_countersigned", lambda s, f, b: b | {
        "link": flipped(b["link"])}),
    Line("paired link swapped", "POST pairing/.*/device", "certified_identity_mismatch", lambda s, f, b: b | {
        "link": s.template.links["anne"][0]}),
]  # fmt: skip


@pytest.mark.parametrize("line", PAIRING, ids=lambda line: line.name)
async def test_by_another_device(scene: Scene, line: Line) -> None:
    forger = Forger(scene.place)
    async with AsyncExitStack() as stack:
        lies_to_host = line.name.startswith("offer")
        online = scene.deceived if lies_to_host else scene.honest
        phone = await stack.enter_async_context(online("paul"))
        url = scene.process.url if lies_to_host else scene.middle.url
        lie = scene.middle.lie = Answering(line.endpoint, lambda body: line.change(scene, forger, body))
        assert await attempt(pair(scene, phone, "tablet", url)) == line.expected
        assert lie.told
        scene.middle.lie = Lie()
        await pair(scene, phone, "other tablet", scene.middle.url)
        async with scene.honest("other tablet") as tablet:
            assert tablet.texts(scene.cid) == list(BEFORE)


# By the recovery key


def links(change: Callable[[Forger, list[bytes]], list[bytes]]) -> Change:
    return lambda s, f, b: b | {"links": change(f, b["links"])}


RECOVERY = [
    Line("recovery root swapped", "POST recovery/open", "root_mismatch", lambda s, f, b: b | {"root": b"r" * 32}),
    Line("wrap altered", "POST recovery/open", "wrong_recovery_secret", lambda s, f, b: b | {
        "wraps": [flipped(wrap) for wrap in b["wraps"]]}),
    Line("wraps dropped", "POST recovery/open", "bad_wrap", lambda s, f, b: b | {"wraps": []}),
    Line("user key box altered", "POST recovery/open", "user_key_forged", lambda s, f, b: b | {
        "box": flipped(b["box"])}),
    Line("chain shortened", "POST recovery/open", "recovery_key_missing", links(lambda f, c: c[:-1])),
    Line("chain replaced", "POST recovery/open", "recovery_key_missing", links(lambda f, c: f.ghost_chain(c[0]))),
    Line("chain with a ghost", "POST recovery/open", "link_forged", links(lambda f, c: [*c, f.ghost_link(c)])),
    Line("person swapped", "POST recovery/open", "certified_identity_mismatch", lambda s, f, b: b | {
        "uid": s.uids["anne"], "links": s.template.links["anne"]}),
    Line("recovered link altered", "POST recovery/devices", "link_not_countersigned", lambda s, f, b: b | {
        "link": flipped(b["link"])}),
]  # fmt: skip


@pytest.mark.parametrize("line", RECOVERY, ids=lambda line: line.name)
async def test_by_the_recovery_key(scene: Scene, line: Line) -> None:
    async with scene.honest("paul") as phone:
        prepared = await phone.client.recovery.prepare()
        await prepared.confirm(prepared.secret)
    forger = Forger(scene.place)

    async def recover(name: str) -> Any:
        ticket = await scene.place.accounts.issue_activation(
            scene.uids["paul"], ActivationPurpose.RECOVERY, scene.uids["paul"].hex()
        )
        with store_of(scene.folder, name) as store:
            return await recover_device(
                store,
                scene.middle.url,
                rpps=PAUL_EXEMPLE,
                ticket=ticket.code,
                code=prepared.secret,
                device_name=name,
                expected_fingerprint=scene.place.signer.root_fingerprint,
                clock=scene.place.clock,
                random_bytes=system_random,
            )

    lie = scene.middle.lie = Answering(line.endpoint, lambda body: line.change(scene, forger, body))
    assert await attempt(recover("new phone")) == line.expected
    assert lie.told
    scene.middle.lie = Lie()
    await recover("newer phone")
    async with scene.honest("newer phone") as phone:
        assert phone.texts(scene.cid) == list(BEFORE)
