"""Lies about a restore: a server that goes back, and says that its operator had to."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec
from nacl.signing import SigningKey

from miss.base.clock import to_ms
from miss.directory.signer.folder import read_key
from miss.protocol.crypto.restorations import Restoration, compose_restoration
from miss.protocol.wire.frames import Frame, Heads, Ready
from tests.attacks import plays
from tests.attacks.forge import Forger, flipped
from tests.attacks.middle import Body, Call, Lie, Said
from tests.attacks.mutation import Catalogue
from tests.attacks.scene import Scene

CATALOGUE = Catalogue()
OTHER_ROOT = SigningKey(b"Z" * 32)
HOUR_MS = 3600 * 1000
LONG_BACK_MS = 24 * HOUR_MS
"""To before there was a team: it has been quiet for an hour, and its template was made at any time before that."""


class Restore(Lie):
    """The log ends at its first message, which a restore is to explain."""

    def __init__(self, scene: Scene, statements: Sequence[bytes], epoch: int, head: bytes, last_seq: int = 1) -> None:
        super().__init__()
        self._scene, self._statements = scene, statements
        self._epoch, self._head, self._last_seq = epoch, head, last_seq

    def say(self, frame: Frame) -> Iterable[Said]:
        if isinstance(frame, Ready):
            self.told += 1
            return [msgspec.structs.replace(frame, store_epoch=self._epoch, store_head=self._head)]
        if isinstance(frame, Heads):
            return [Heads(tuple(msgspec.structs.replace(one, last_seq=self._last_seq) for one in frame.items))]
        return [frame]

    def answer(self, call: Call, body: Body) -> Body | None:
        if call.matches("GET conversations"):
            heads = [(cid, self._last_seq, read_seq, epoch) for cid, _, read_seq, epoch in body["conversations"]]
            return body | {"conversations": heads}
        return body | {"restorations": self._statements} if call.matches("GET restorations") else body


def root_of(scene: Scene) -> SigningKey:
    """The operator's own: what a server does not hold."""
    return SigningKey(read_key(scene.folder / "operator/root.key"))


def word(scene: Scene, key: SigningKey, *, back_ms: int = 0, ahead_ms: int = 0) -> Restoration:
    """A statement by `key` that everything until `back_ms` ago is there, signed `ahead_ms` from now."""
    now_ms = to_ms(scene.place.clock.now())
    return compose_restoration(key, previous=None, restored_to_ms=now_ms - back_ms, ts_ms=now_ms + ahead_ms)


def tell(scene: Scene, *statements: Restoration) -> Restore:
    return Restore(scene, [one.raw for one in statements], statements[-1].epoch, statements[-1].hash)


BACK = plays.comes_back

CATALOGUE.add("restore that nobody signed", BACK, "ServerLied restoration_forked", lambda scene, _: Restore(
    scene, [], 1, b"?" * 32))  # fmt: skip
CATALOGUE.add("restore that nobody signed, and a log that ends early", BACK, "SplitView", lambda scene, _: Restore(
    scene, [], 1, b"?" * 32))  # fmt: skip
CATALOGUE.add("restore signed by another root", BACK, "ServerLied restoration_forged", lambda scene, _: tell(
    scene, word(scene, OTHER_ROOT, back_ms=LONG_BACK_MS)))  # fmt: skip


@CATALOGUE.line("restore signed by the server's own keys", BACK, "ServerLied restoration_forged")
def _(scene: Scene, forger: Forger) -> Lie:
    return tell(scene, word(scene, scene.place.signer.receipt_key, back_ms=LONG_BACK_MS))


@CATALOGUE.line("restore altered after the signature", BACK, "ServerLied restoration_forged")
def _(scene: Scene, _: Forger) -> Lie:
    genuine = word(scene, root_of(scene), back_ms=LONG_BACK_MS)
    return Restore(scene, [flipped(genuine.raw)], 1, genuine.hash)


@CATALOGUE.line("restore dated ahead", BACK, "ServerLied restoration_out_of_order")
def _(scene: Scene, _: Forger) -> Lie:
    return tell(scene, word(scene, root_of(scene), ahead_ms=HOUR_MS))


@CATALOGUE.line("second restore without the first", BACK, "ServerLied restoration_out_of_order")
def _(scene: Scene, _: Forger) -> Lie:
    first = word(scene, root_of(scene), back_ms=LONG_BACK_MS)
    return tell(scene, compose_restoration(root_of(scene), previous=first, restored_to_ms=1, ts_ms=first.ts_ms))


@CATALOGUE.line("restore announced, another one shown", BACK, "ServerLied restoration_forked")
def _(scene: Scene, _: Forger) -> Lie:
    genuine = word(scene, root_of(scene), back_ms=LONG_BACK_MS)
    return Restore(scene, [genuine.raw], 1, b"?" * 32)


@CATALOGUE.line("genuine restore, behind the time that it names", BACK, "ServerLied rollback_not_covered")
def _(scene: Scene, _: Forger) -> Lie:
    # The operator's word is of now; what the server hides was taken before.
    scene.place.clock.advance(timedelta(minutes=10))
    return tell(scene, word(scene, root_of(scene)))
