"""Lies about what is deleted, who answers for an alarm, and what a person's own devices hold."""

from collections.abc import Callable

import msgspec

from miss.base.clock import to_ms
from miss.protocol.crypto.acknowledgements import compose_acknowledgement
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.tombstones import compose_tombstone
from miss.protocol.wire.frames import AlarmChanged, AlarmState, Del, Gone, Item, LinkAdded, Msg
from tests.attacks import plays
from tests.attacks.forge import Forger, flipped
from tests.attacks.lies import LogLie
from tests.attacks.middle import Answering, Body, Lie, Said, Saying
from tests.attacks.mutation import Catalogue
from tests.attacks.plays import Play
from tests.attacks.scene import Scene

CATALOGUE = Catalogue()


# Deletions


def tombstone(scene: Scene, by: str, seq: int, env_hash: bytes) -> bytes:
    """Signed by that person's device."""
    author = scene.template.authors[by]
    return compose_tombstone(
        cid=scene.cid,
        seq=seq,
        env_hash=env_hash,
        uid=author.uid,
        did=author.did,
        ts_ms=to_ms(scene.place.clock.now()),
        ik=author.keys.ik,
    ).raw


def blanked(gone: Callable[[Scene, Item], Gone | None]) -> Callable[[Scene, Forger], Lie]:
    """The message at 5 is gone, says the server."""
    return lambda scene, _: LogLie(
        scene.cid, lambda one: [one] if one.seq != 5 else [Item(one.seq, b"", one.ts, gone(scene, one))]
    )


WITHHELD, FORGED = "MessageRefused message_withheld", "MessageRefused tombstone_forged"
BACK, DELETES = plays.comes_back, plays.sees_deletion
CATALOGUE.add("message blanked", BACK, WITHHELD, blanked(lambda s, one: None))
CATALOGUE.add("message blanked as expired", BACK, WITHHELD, blanked(lambda s, one: Gone(hash_envelope(one.env), None)))
CATALOGUE.add("message blanked by a stranger", BACK, FORGED, blanked(lambda s, one: Gone(
    hash_envelope(one.env), tombstone(s, "hugo", 5, hash_envelope(one.env)))))  # fmt: skip
CATALOGUE.add("message blanked by another's deletion", BACK, FORGED, blanked(lambda s, one: Gone(
    hash_envelope(one.env), tombstone(s, "anne", 1, hash_envelope(s.template.envelopes[0])))))  # fmt: skip
CATALOGUE.add("message blanked by an altered tombstone", BACK, FORGED, blanked(lambda s, one: Gone(
    hash_envelope(one.env), flipped(tombstone(s, "claire", 5, hash_envelope(one.env))))))  # fmt: skip
CATALOGUE.add("message blanked by no tombstone", BACK, "MessageRefused bad_tombstone", blanked(lambda s, one: Gone(
    hash_envelope(one.env), b"nothing")))  # fmt: skip


def deletion(name: str, expected: str, change: Callable[[Scene, Del], Said]) -> None:
    CATALOGUE.add(name, DELETES, expected, lambda scene, _: Saying(Del, lambda one: [change(scene, one)]))


deletion("deletion altered", "ServerLied tombstone_forged", lambda s, one: msgspec.structs.replace(
    one, tombstone=flipped(one.tombstone)))  # fmt: skip
deletion(
    "deletion of another message", "ServerLied tombstone_forged", lambda s, one: msgspec.structs.replace(one, seq=2)
)
deletion("deletion by another member", "ServerLied tombstone_forged", lambda s, one: msgspec.structs.replace(
    one, uid=s.uids["claire"], tombstone=tombstone(
        s, "claire", 1, hash_envelope(s.template.envelopes[0]))))  # fmt: skip
CATALOGUE.add("deletion said a thousand times", DELETES, "ServerLied tombstone_forged", lambda scene, _: Saying(
    Del, lambda one: [msgspec.structs.replace(one, tombstone=flipped(one.tombstone))] * 1000))  # fmt: skip
CATALOGUE.add("deletion kept back", DELETES, "MessageReceived", lambda scene, _: Saying(Del, lambda one: []))
CATALOGUE.add("deletion undone", plays.comes_back_to_deletion, "MessageRefused bad_envelope", lambda scene, _: LogLie(
    scene.cid, lambda one: [one if one.env else Item(one.seq, b"\x93garbage", one.ts)]), heals=False)  # fmt: skip

# Deletions of the time somebody was away


def listed(name: str, expected: str, change: Callable[[Scene, Body], Body]) -> None:
    CATALOGUE.add(name, plays.comes_back, expected, lambda scene, _: Answering(
        "GET deletions", lambda body: change(scene, body)))  # fmt: skip


def by_hand(scene: Scene, name: str, seq: int) -> tuple[bytes, int, bytes]:
    """As the list has it: what that person's device signed about one of the messages of before."""
    return scene.cid, seq, tombstone(scene, name, seq, hash_envelope(scene.template.envelopes[seq - 1]))


NOT_DELETED = "ServerLied tombstone_forged"
listed("deletion invented while away", "ServerLied bad_tombstone", lambda s, body: body | {
    "deletions": [(s.cid, 1, b"nothing")]})  # fmt: skip
listed("deletion while away by another member", NOT_DELETED, lambda s, body: body | {
    "deletions": [by_hand(s, "claire", 1)]})  # fmt: skip
listed("deletion while away by a stranger", NOT_DELETED, lambda s, body: body | {
    "deletions": [by_hand(s, "hugo", 1)]})  # fmt: skip
listed("deletion while away of another message", NOT_DELETED, lambda s, body: body | {
    "deletions": [(s.cid, 2, by_hand(s, "anne", 1)[2])]})  # fmt: skip
listed("deletions without end", "ServerLied deletions_without_end", lambda s, body: body | {"more": True})

# Alarms


def acknowledgement(scene: Scene, by: str, seq: int, env_hash: bytes) -> bytes:
    author = scene.template.authors[by]
    return compose_acknowledgement(
        cid=scene.cid,
        seq=seq,
        env_hash=env_hash,
        uid=author.uid,
        did=author.did,
        ts_ms=to_ms(scene.place.clock.now()),
        ik=author.keys.ik,
    ).raw


def claimed(scene: Scene, by: str, *, altered: bool = False, other: bool = False) -> Lie:
    """The server says that somebody has answered for the alarm, before anybody has."""

    def say(msg: Msg) -> list[Said]:
        env_hash = hash_envelope(scene.template.envelopes[0] if other else msg.env)
        signed = acknowledgement(scene, by, msg.seq, env_hash)
        raw = flipped(signed) if altered else signed
        return [msg, AlarmChanged(msg.cid, msg.seq, AlarmState.ACKNOWLEDGED, scene.uids[by], raw)]

    return Saying(Msg, say, times=1)


ALARM, UNPROVED = plays.is_alarmed, "ServerLied acknowledgement_forged"
CATALOGUE.add("alarm answered by nobody", ALARM, "ServerLied bad_acknowledgement", lambda scene, _: Saying(
    Msg, lambda msg: [msg, AlarmChanged(msg.cid, msg.seq, AlarmState.ACKNOWLEDGED, scene.uids["claire"])], 1
    ))  # fmt: skip
CATALOGUE.add("alarm answered by a forged hand", ALARM, UNPROVED, lambda s, _: claimed(s, "claire", altered=True))
CATALOGUE.add("alarm answered for another message", ALARM, UNPROVED, lambda s, _: claimed(s, "claire", other=True))
CATALOGUE.add("alarm answered by a stranger", ALARM, UNPROVED, lambda s, _: claimed(s, "hugo"))
CATALOGUE.add("alarm answered by its author", ALARM, UNPROVED, lambda s, _: claimed(s, "anne"))
CATALOGUE.add("answer to an alarm kept back", ALARM, "AlarmAcknowledged", lambda scene, _: Saying(
    AlarmChanged, lambda one: []))  # fmt: skip

# A person's own devices


def vault(
    name: str, expected: str, change: Callable[[Scene, list[tuple[bytes, int, bytes]]], list[tuple[bytes, int, bytes]]]
) -> None:
    def lie(scene: Scene, _: Forger) -> Lie:
        return Answering("GET vault", lambda body: body | {"entries": change(scene, body["entries"])})

    CATALOGUE.add(name, plays.uses_second_device, expected, lie)


SHUT = "MessageRefused box_missing"
vault("vault entry altered", SHUT, lambda s, entries: [(c, e, flipped(sealed)) for c, e, sealed in entries])
vault("vault entries kept back", SHUT, lambda s, entries: [])
vault("vault entry of another epoch", SHUT, lambda s, entries: [(c, e + 1, sealed) for c, e, sealed in entries])


def user_key(name: str, play: Play, expected: str, change: Callable[[Body], Body]) -> None:
    CATALOGUE.add(name, play, expected, lambda scene, _: Answering("GET user-key", change))


ROTATES = plays.follows_rotation
user_key("user key altered", ROTATES, "ServerLied user_key_forged", lambda body: body | {"box": flipped(body["box"])})
user_key("user key kept back", ROTATES, "logged user_key_withheld", lambda body: body | {"box": None})
CATALOGUE.add("rotation kept back", ROTATES, "MessageReceived", lambda scene, _: Saying(LinkAdded, lambda one: []))
