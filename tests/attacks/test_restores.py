"""A server that was restored once, with its operator's word, and lies about it afterwards."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from miss.base.clock import to_ms
from miss.protocol.crypto.restorations import compose_restoration
from miss.protocol.wire.frames import Frame, Msg, Pull, Read, Recv, Send
from tests.attacks.middle import Lie, Said
from tests.attacks.on_restores import LONG_BACK_MS, Restore, root_of, tell, word
from tests.attacks.scene import Scene


async def test_a_restore_is_not_taken_back(scene: Scene) -> None:
    scene.middle.lie = Restore(
        scene, [(first := word(scene, root_of(scene), back_ms=LONG_BACK_MS)).raw], 1, first.hash, 3
    )
    async with scene.deceived("paul") as paul:
        assert [one.number for one in paul.client.restorations()] == [1]
        scene.middle.lie = Lie()
        await scene.middle.cut()
        await paul.until(lambda: "ServerLied restoration_withdrawn" in paul.names)
        assert len(paul.client.restorations()) == 1


async def test_the_same_word_covers_no_second_return(scene: Scene) -> None:
    first = word(scene, root_of(scene), back_ms=LONG_BACK_MS)
    scene.middle.lie = Restore(scene, [first.raw], 1, first.hash, 3)
    async with scene.deceived("paul") as paul, scene.honest("anne") as anne:
        # A connection that resumes is told of conversations that moved.
        await scene.write(anne, "vrai")
        await paul.until(lambda: "vrai" in paul.texts(scene.cid))
        scene.middle.lie = Restore(scene, [first.raw], 1, first.hash, 1)
        await scene.middle.cut()
        await paul.until(lambda: "SplitView" in paul.names)
        assert not paul.client.lost_messages(scene.cid)
        assert len(paul.texts(scene.cid)) == 4


async def test_another_word_about_the_same_restore_is_refused(scene: Scene) -> None:
    first, other = (
        word(scene, root_of(scene), back_ms=LONG_BACK_MS),
        word(scene, root_of(scene), back_ms=2 * LONG_BACK_MS),
    )
    scene.middle.lie = Restore(scene, [first.raw], 1, first.hash, 3)
    async with scene.deceived("paul") as paul:
        scene.middle.lie = Restore(scene, [other.raw], 1, other.hash, 1)
        await scene.middle.cut()
        await paul.until(lambda: "ServerLied restoration_forked" in paul.names)
        second = compose_restoration(
            root_of(scene), previous=other, restored_to_ms=1, ts_ms=to_ms(scene.place.clock.now())
        )
        # Nor does one that goes on from it.
        scene.middle.lie = tell(scene, second)
        await scene.middle.cut()
        await paul.until(lambda: "ServerLied restoration_out_of_order" in paul.names)


class ForPaulAlone(Restore):
    """With a genuine statement the server goes back for Paul, and on for everybody else."""

    def say(self, frame: Frame) -> Iterable[Said]:
        if isinstance(frame, Msg):
            return [msgspec.structs.replace(frame, seq=frame.seq - 2)]
        return [] if isinstance(frame, Recv | Read) else super().say(frame)

    def hear(self, frame: Frame) -> Iterable[Said]:
        return [] if isinstance(frame, Send | Pull) else [frame]


async def test_a_restore_told_to_one_person_only_shows_when_they_compare(scene: Scene) -> None:
    genuine = word(scene, root_of(scene), back_ms=LONG_BACK_MS)
    async with scene.honest("anne") as anne:
        scene.middle.lie = ForPaulAlone(scene, [genuine.raw], 1, genuine.hash, 1)
        async with scene.deceived("paul", synced=False) as paul:
            await paul.until(lambda: len(paul.client.lost_messages(scene.cid)) == 2)
            scene.place.clock.advance(timedelta(minutes=5))
            # Paul's client asks the time again; on a connection of its own, nothing is told between two.
            await scene.middle.cut()
            await paul.until(lambda: paul.names.count("ConnectionChanged open") == 2)
            # What Anne writes says what she has seen, on her own date.
            await scene.write(anne, "vrai")
            await paul.until(lambda: "SplitView" in paul.names)


async def test_who_has_nothing_yet_pins_the_list_and_loses_nothing(scene: Scene) -> None:
    genuine = word(scene, root_of(scene), back_ms=LONG_BACK_MS)
    scene.middle.lie = Restore(scene, [genuine.raw], 1, genuine.hash, 0)
    async with scene.deceived("hugo") as hugo:
        assert [one.number for one in hugo.client.restorations()] == [1]
        assert "ServerRestored" not in hugo.names
        assert not hugo.client.incidents()
