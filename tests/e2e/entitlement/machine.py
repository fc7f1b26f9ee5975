"""Random stories, told by Hypothesis: what can happen next is drawn, done, and the world comes to rest."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from miss.base.clock import MovableClock
from miss.protocol.crypto.commits import Role
from tests.e2e.entitlement.acts import Acts
from tests.e2e.entitlement.choices import Choices
from tests.e2e.entitlement.model import Room
from tests.e2e.entitlement.platform import Platform
from tests.e2e.entitlement.world import SEED, Tally, World, hurried

T = TypeVar("T")
OpenDatabase = Callable[[Path], AbstractAsyncContextManager[str]]
"""A database of its own for one story, by its URL; the folder is the story's."""
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROLES = st.sampled_from([Role.MEMBER, Role.MEMBER, Role.ADMIN])


class Stories(RuleBasedStateMachine):
    """Each rule is one act; its precondition is that somebody can do it."""

    def __init__(self, open_database: OpenDatabase, tally: Tally | None = None) -> None:
        """`tally`: what several stories add to."""
        super().__init__()
        self._open_database = open_database
        self._tally = tally or Tally()
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._is_broken = False
        self._turn = 0
        self.can: Choices
        self.acts: Acts
        self.world: World

    # Telling

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(work)
        except BaseException:
            self._is_broken = True
            raise

    def do(self, act: Awaitable[object] | None = None, room: Room | None = None) -> None:
        """Let an act be done, then let somebody say a word, in `room` if it concerns one."""
        self.run(self._do(act, room))

    async def _do(self, act: Awaitable[object] | None, room: Room | None) -> None:
        self.world.tally.acts += 1
        if act is not None:
            await act
        await self.world.come_to_rest()
        if ways := self.can.speak(room, connected=True):
            self._turn += 1
            self.acts.say(*ways[self._turn % len(ways)])
            await self.world.come_to_rest()

    def pick(self, data: st.DataObject, ways: Sequence[T]) -> T:
        """One of the ways in which it can be done; named in what a failing story prints."""
        way = ways[data.draw(st.integers(0, len(ways) - 1))] if len(ways) > 1 else ways[0]
        note(f"  # {way}")
        return way

    @initialize(people=st.integers(2, 4), is_open=st.booleans())
    def begin(self, people: int, is_open: bool) -> None:
        self.run(self._begin(people))
        others = sorted(self.world.people)[1:]
        self.do(self.acts.create("a1", others, is_open=is_open))

    async def _begin(self, people: int) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="miss-story-")))
        clock = MovableClock(START)
        url = await self._stack.enter_async_context(self._open_database(folder))
        platform = await Platform.open(url, folder, clock, hurried(SEED))
        self._stack.push_async_callback(platform.close)
        self.world = World(platform, folder, clock, self._tally)
        self._stack.push_async_callback(self.world.close)
        self.acts, self.can = Acts(self.world), Choices(self.world)
        for name in self.can.arrive()[:people]:
            await self.acts.arrive(name)
        await self.world.come_to_rest()
        await self.acts.pair("a1")
        await self.world.come_to_rest()

    def teardown(self) -> None:
        """Everybody comes back, with a new device each: what the model says is what they read."""
        try:
            if not self._is_broken and hasattr(self, "world"):
                self.run(self.acts.end_story())
        finally:
            self._runner.run(self._stack.aclose())
            self._runner.close()

    # Conversations

    @precondition(lambda self: self.can.create())
    @rule(data=st.data(), is_open=st.booleans())
    def create(self, data: st.DataObject, is_open: bool) -> None:
        by = self.pick(data, self.can.create())
        others = data.draw(st.lists(st.sampled_from(self.can.others(by)), max_size=4, unique=True))
        self.do(self.acts.create(by, others, is_open=is_open))

    @precondition(lambda self: self.can.join())
    @rule(data=st.data(), role=ROLES)
    def join(self, data: st.DataObject, role: Role) -> None:
        room, by, newcomer = self.pick(data, self.can.join())
        self.do(self.acts.join(room, by, newcomer, role), room)

    @precondition(lambda self: self.can.remove())
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        room, by, person = self.pick(data, self.can.remove())
        self.do(self.acts.remove(room, by, person), room)

    @precondition(lambda self: self.can.set_role())
    @rule(data=st.data())
    def set_role(self, data: st.DataObject) -> None:
        room, by, person, role = self.pick(data, self.can.set_role())
        self.do(self.acts.set_role(room, by, person, role), room)

    @precondition(lambda self: self.can.leave())
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        room, by = self.pick(data, self.can.leave())
        self.acts.leave(room, by)
        self.do(room=room)

    @precondition(lambda self: self.can.speak(connected=False))
    @rule(data=st.data(), words=st.integers(1, 3))
    def say(self, data: st.DataObject, words: int) -> None:
        for _ in range(words):
            self.acts.say(*self.pick(data, self.can.speak(connected=False)))
        self.do()

    @precondition(lambda self: self.can.speak(connected=False))
    @rule(data=st.data())
    def say_and_crash(self, data: st.DataObject) -> None:
        """The message is on the disk, and perhaps on its way."""
        room, by = self.pick(data, self.can.speak(connected=False))
        self.acts.say(room, by)
        self.do(self.acts.crash(by, data.draw(st.integers(0, 30))))

    @precondition(lambda self: self.can.join())
    @rule(data=st.data(), role=ROLES)
    def join_amid_talk(self, data: st.DataObject, role: Role) -> None:
        room, by, newcomer = self.pick(data, self.can.join())
        self._talk(data, room)
        self.do(self.acts.join(room, by, newcomer, role), room)

    @precondition(lambda self: self.can.remove())
    @rule(data=st.data())
    def remove_amid_talk(self, data: st.DataObject) -> None:
        room, by, person = self.pick(data, self.can.remove())
        self._talk(data, room)
        self.do(self.acts.remove(room, by, person), room)

    @precondition(lambda self: self.can.connected())
    @rule(data=st.data())
    def rotate_amid_talk(self, data: st.DataObject) -> None:
        self._talk(data)
        self.do(self.acts.rotate(self.pick(data, self.can.connected())))

    def _talk(self, data: st.DataObject, room: Room | None = None) -> None:
        for _ in range(data.draw(st.integers(1, 3))):
            if ways := self.can.speak(room, connected=True):
                self.acts.say(*self.pick(data, ways))

    # People and their devices

    @precondition(lambda self: self.can.arrive())
    @rule()
    def arrive(self) -> None:
        self.do(self.acts.arrive(self.can.arrive()[0]))

    @precondition(lambda self: self.can.pair())
    @rule(data=st.data())
    def pair(self, data: st.DataObject) -> None:
        self.do(self.acts.pair(self.pick(data, self.can.pair())))

    @precondition(lambda self: self.can.connected())
    @rule(data=st.data())
    def rotate(self, data: st.DataObject) -> None:
        self.do(self.acts.rotate(self.pick(data, self.can.connected())))

    @precondition(lambda self: self.can.revoke())
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        self.do(self.acts.revoke(*self.pick(data, self.can.revoke())))

    @precondition(lambda self: self.can.enrol_recovery())
    @rule(data=st.data())
    def enrol_recovery(self, data: st.DataObject) -> None:
        self.do(self.acts.enrol_recovery(self.pick(data, self.can.enrol_recovery())))

    @precondition(lambda self: self.can.recover())
    @rule(data=st.data())
    def lose_all_and_recover(self, data: st.DataObject) -> None:
        self.do(self.acts.lose_all_and_recover(self.pick(data, self.can.recover())))

    @rule(data=st.data())
    def reset(self, data: st.DataObject) -> None:
        self.do(self.acts.reset(self.pick(data, self.can.people())))

    # What happens to devices and to the server

    @precondition(lambda self: self.can.on())
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        self.do(self.acts.crash(self.pick(data, self.can.on())))

    @precondition(lambda self: self.can.on())
    @rule(data=st.data())
    def switch_off(self, data: st.DataObject) -> None:
        self.do(self.acts.switch_off(self.pick(data, self.can.on())))

    @precondition(lambda self: self.can.off())
    @rule(data=st.data())
    def switch_on(self, data: st.DataObject) -> None:
        self.do(self.acts.switch_on(self.pick(data, self.can.off())))

    @precondition(lambda self: self.can.on())
    @rule(data=st.data())
    def put_aside(self, data: st.DataObject) -> None:
        self.acts.put_aside(self.pick(data, self.can.on()))

    @precondition(lambda self: self.can.restore())
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        self.do(self.acts.restore(self.pick(data, self.can.restore())))

    @precondition(lambda self: self.can.connected())
    @rule(data=st.data())
    def cut(self, data: st.DataObject) -> None:
        self.do(self.acts.cut(self.pick(data, self.can.connected())))

    @precondition(lambda self: self.can.mend())
    @rule(data=st.data())
    def mend(self, data: st.DataObject) -> None:
        self.acts.mend(self.pick(data, self.can.mend()))
        self.do()

    @rule()
    def restart_server(self) -> None:
        self.do(self.acts.restart_server())

    @rule(by=st.sampled_from([timedelta(minutes=11), timedelta(hours=25), timedelta(days=32)]))
    def pass_time(self, by: timedelta) -> None:
        self.acts.pass_time(by)
        self.do()
