"""The thread in which the client works.  Facts come out and calls go in, both as they are; no Qt.

    core = Core(profiles, deliver=…, tell=…)      deliver: runs a callable where the windows live
    core.open(profile, pin, then, failed)
    core.ask(lambda account: account.send_text(cid, "Bonjour"))

One account is open at a time: on a shared machine nothing of another one works meanwhile.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from ssl import SSLContext
from typing import TYPE_CHECKING, Any, TypeVar

from clients.desktop.policy import Policy
from clients.desktop.releases import installed_version, read_release_key
from clients.desktop.state import facts as f
from clients.desktop.store.profiles import Profile, Profiles
from clients.desktop.sync.said import said_by
from clients.desktop.sync.ways import Way
from clients.desktop.words import _
from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.base.random import RandomBytes

if TYPE_CHECKING:
    from clients.desktop.sync.account import Account
    from clients.desktop.sync.enrolment import Enrolment
    from clients.desktop.sync.updates import Updates

T = TypeVar("T")
Failed = Callable[[str], None]
CLOSE_TIMEOUT_S = 10
WARM_S = 0.3
"""After the start: the window is there, and nobody has typed a code yet."""


class Asked:
    """Something under way; `cancel` stops it where it can be stopped."""

    def __init__(self, future: "Future[None]") -> None:
        self._future = future

    def cancel(self) -> None:
        """Stop it where it can be stopped."""
        self._future.cancel()


class Core:
    """The loop, the thread, and the account that is open."""

    def __init__(
        self,
        profiles: Profiles,
        *,
        deliver: Callable[[Callable[[], None]], None],
        tell: Callable[[f.Fact], None],
        clock: Clock,
        random_bytes: RandomBytes,
        policy: Policy | None = None,
        ssl_context: SSLContext | None = None,
        release_key: bytes | None = None,
    ) -> None:
        """`deliver` is called in the core's thread and runs what it is given in the windows'; `tell` runs there.

        `release_key`: the publisher's, if not the one of this package.
        """
        self.profiles = profiles
        self._deliver = deliver
        self._tell = tell
        self._clock = clock
        self._random_bytes = random_bytes
        self.policy = policy or Policy()
        self._ssl_context = ssl_context
        self._release_key = release_key
        self._enrolment: Enrolment | None = None
        self._account: Account | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="miss core", daemon=True)
        self._turn: asyncio.Lock | None = None
        self._is_over = False
        self._calls: set[asyncio.Task[Any] | None] = set()
        """Under way for the account that is open; nothing of them outlives it."""

    def start(self) -> None:
        """Begin the thread."""
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._turn = asyncio.Lock()
        self._loop.call_later(WARM_S, _warm)
        self._loop.run_forever()
        self._loop.close()

    def stop(self) -> None:
        """Close the account and end the thread; returns when both have happened.

        Windows may still hear what was told before: whatever they ask then is not done.
        """
        self._is_over = True
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(CLOSE_TIMEOUT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_TIMEOUT_S)

    # Accounts

    def open(self, profile: Profile, pin: str, then: Callable[[], None], failed: Failed) -> Asked:
        """Open an account in place of the one that is open."""

        async def work() -> None:
            # Stretching a PIN takes a fifth of a second by design: not in the loop.
            key = await asyncio.to_thread(self.profiles.lock_of(profile).open, pin)
            await self._enter(profile, key)

        return self._start(work(), lambda _done: then(), failed)

    def enrol(self, way: Way, pin: str, device_name: str, then: Callable[[], None], failed: Failed) -> Asked:
        """Link this machine, and open the account."""

        async def work() -> None:
            trust = await self._trust()
            from clients.desktop.sync.enrolment import Enrolment

            if self._enrolment is None:
                self._enrolment = Enrolment(self.profiles, self._clock, self._random_bytes)
            profile, key = await self._enrolment.enrol(way, pin, device_name, trust)
            await self._enter(profile, key)

        return self._start(work(), lambda _done: then(), failed)

    def check_pin(self, profile: Profile, pin: str, then: Callable[[], None], failed: Failed) -> Asked:
        """Whether a PIN opens an account that is open already: the screen was locked, and nothing else."""

        async def work() -> None:
            await asyncio.to_thread(self.profiles.lock_of(profile).open, pin)

        return self._start(work(), lambda _done: then(), failed)

    def change_pin(self, profile: Profile, old: str, new: str, then: Callable[[], None], failed: Failed) -> Asked:
        """Another PIN for an account."""

        async def work() -> None:
            await asyncio.to_thread(self.profiles.lock_of(profile).change, old, new)

        return self._start(work(), lambda _done: then(), failed)

    def close_account(self, then: Callable[[], None] | None = None) -> Asked:
        """Release everything of the open account."""
        return self._start(self._shut(), lambda _done: then() if then else None, None)

    def forget(self, profile: Profile, then: Callable[[], None]) -> Asked:
        """Take an account off this machine: its key, then its folder."""

        async def work() -> None:
            if self._account is not None and self._account.profile.id == profile.id:
                await self._shut()
            await asyncio.to_thread(self.profiles.remove, profile)

        return self._start(work(), lambda _done: then(), None)

    async def _enter(self, profile: Profile, key: bytes) -> None:
        await self._shut()
        trust = await self._trust()
        from clients.desktop.sync.account import Account

        assert self._turn is not None  # noqa: S101  # set before the loop runs
        async with self._turn:
            account = Account(
                profile,
                key,
                clock=self._clock,
                random_bytes=self._random_bytes,
                tell=self._say,
                policy=self.policy,
                ssl_context=trust,
                updates=self._updates(),
            )
            self._account = account
            await account.start()

    def _updates(self) -> "Updates | None":
        """Who asks for later versions; None where IT wants no notice, or nobody has signed this package's."""
        key = self._release_key or read_release_key()
        if key is None or not self.policy.update_notice:
            return None
        from clients.desktop.sync.updates import Updates

        folder = self.profiles.folder
        return Updates(key=key, version=installed_version(), folder=folder, clock=self._clock, tell=self._say)

    async def _trust(self) -> SSLContext:
        """Whom to believe; read once, as it takes a moment.  Raises PolicyRefused."""
        from clients.desktop.sync.trust import authorities

        if self._ssl_context is None:
            self._ssl_context = await asyncio.to_thread(authorities, self.policy)
        return self._ssl_context

    async def _shut(self) -> None:
        assert self._turn is not None  # noqa: S101
        async with self._turn:
            account, self._account = self._account, None
            if account is not None:
                for call in self._calls:
                    if call is not None:
                        call.cancel()
                await account.close()
                self._say(f.AccountClosed())

    # Calls

    def ask(
        self,
        call: "Callable[[Account], Awaitable[T]]",
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
    ) -> Asked:
        """Do something with the open account; `then` and `failed` run where the windows live.

        Without `failed` the sentence is told as Troubled.  Nothing happens if no account is open.
        """

        async def work() -> T:
            account = self._account
            if account is None:
                raise asyncio.CancelledError
            task = asyncio.current_task()
            self._calls.add(task)
            try:
                return await call(account)
            finally:
                self._calls.discard(task)

        return self._start(work(), then, failed)

    def show(self, call: "Callable[[Account], None]") -> Asked:
        """`ask` for what is done at once."""

        async def work(account: "Account") -> None:
            call(account)

        return self.ask(work)

    def _start(self, work: Coroutine[Any, Any, T], then: Callable[[T], None] | None, failed: Failed | None) -> Asked:
        async def guarded() -> None:
            try:
                result = await work
            except MissError as error:
                self._fail(said_by(error), failed)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                # A defect of ours: named by its kind alone, as its words may hold content.
                self._fail(_("Une erreur imprévue est survenue ({kind}).").format(kind=type(error).__name__), failed)
            else:
                if then is not None:
                    done = then
                    self._deliver(lambda: done(result))

        if self._is_over:
            work.close()
            return Asked(Future())
        return Asked(asyncio.run_coroutine_threadsafe(guarded(), self._loop))

    def _fail(self, sentence: str, failed: Failed | None) -> None:
        if failed is None:
            self._say(f.Troubled(sentence))
        else:
            self._deliver(lambda: failed(sentence))

    def _say(self, fact: f.Fact) -> None:
        self._deliver(lambda: self._tell(fact))


def _warm() -> None:
    """Import what opening an account needs (HTTP, WebSocket, both stores): the locked window needs none of it."""
    from clients.desktop.sync import account, trust  # noqa: F401
