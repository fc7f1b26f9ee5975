"""The one object that every view holds: what is shown, and what the person does about it.

Facts of the core arrive here through a queued signal, are reduced at once, and drawn together when the event loop is
next idle: a thousand messages draw the window once.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from clients.desktop.policy import Policy
from clients.desktop.state import facts as f
from clients.desktop.state.cases import news
from clients.desktop.state.listing import neighbour, visible
from clients.desktop.state.model import State, told_presence
from clients.desktop.state.reduce import reduce
from clients.desktop.store.profiles import Profile, Profiles
from clients.desktop.sync.core import Core
from miss.base.clock import Clock
from miss.base.ids import ConversationId
from miss.base.random import RandomBytes


class Desktop(QObject):
    """State, core, and the words between them."""

    changed = Signal()
    """What is shown has moved."""
    heard = Signal(object)
    """Each fact, once it is reduced."""
    cases_moved = Signal(object)
    """Requests for advice that were assigned or answered since the lists were last read."""
    apart_wanted = Signal(object)
    """The window of a conversation is to come to the front."""
    message_wanted = Signal(object, int)
    """A message is to be shown, in whichever window its conversation stands."""
    jump_wanted = Signal()
    """Somebody wants to go to a conversation, from wherever they are."""
    locked = Signal()
    """The screen has to be covered."""
    uncovered = Signal()
    """The same person is here again."""
    _posted = Signal(object)

    def __init__(self, profiles: Profiles, clock: Clock, random_bytes: RandomBytes, policy: Policy) -> None:
        super().__init__()
        self.clock = clock
        self.policy = policy
        self.profiles = profiles
        self.state = State()
        self.profile: Profile | None = None
        self.is_covered = False
        """True while the screen is locked above an account that is open."""
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)
        self.core = Core(
            profiles,
            deliver=self._posted.emit,
            tell=self.do,
            clock=clock,
            random_bytes=random_bytes,
            policy=policy,
        )
        self._drawing = QTimer(self, singleShot=True, interval=0)
        self._drawing.timeout.connect(self.changed)

    @Slot(object)
    def _run(self, work: Callable[[], None]) -> None:
        work()

    def do(self, fact: f.Fact) -> None:
        """Something happened."""
        before, self.state = self.state, reduce(self.state, fact)
        if isinstance(fact, f.AccountOpened):
            self.profile = next((one for one in self.profiles.list_() if one.id == fact.me.profile_id), None)
            self.is_covered = False
        elif isinstance(fact, f.AccountClosed):
            self.profile = None
        elif isinstance(fact, f.CasesTold) and (moved := news(before.cases, self.state.cases)):
            self.cases_moved.emit(moved)
        self.heard.emit(fact)
        self._drawing.start()

    @property
    def is_drawing(self) -> bool:
        """Whether something was told that no view has drawn yet."""
        return self._drawing.isActive()

    # Accounts

    def unlock(self, profile: Profile, pin: str, failed: Callable[[str], None]) -> None:
        """Open an account, or uncover the one that is open."""
        if self.is_covered and self.profile is not None and self.profile.id == profile.id:
            self.core.check_pin(profile, pin, self._uncover, failed)
            return
        self.core.open(profile, pin, lambda: None, failed)

    def _uncover(self) -> None:
        self.is_covered = False
        self._tell_presence()
        self.uncovered.emit()
        self._drawing.start()

    def lock(self) -> None:
        """Cover the screen; on a shared machine close the account as well."""
        if self.state.me is None:
            return
        self.locked.emit()
        if self.policy.shared_workstation:
            self.switch()
        else:
            self.is_covered = True
            self.core.show(lambda account: account.opened.clear())
            self._tell_presence()
            self._drawing.start()

    def _tell_presence(self) -> None:
        presence = told_presence(self.state.settings, is_covered=self.is_covered)
        self.core.ask(lambda account: account.set_presence(presence))

    def switch(self) -> None:
        """Close the account: somebody else's turn."""
        self.locked.emit()
        self.is_covered = False
        self.core.close_account()

    # Conversations

    def choose(self, cid: ConversationId | None) -> None:
        """Show a conversation."""
        if cid in self.state.windows:
            self.apart_wanted.emit(cid)
            return
        if cid == self.state.chosen and self.state.thread is not None:
            return
        self.do(f.ConversationChosen(cid))
        self.core.show(lambda account: account.show(cid))

    def open_apart(self, cid: ConversationId) -> None:
        """Show a conversation in a window of its own."""
        if cid not in self.state.windows:
            if self.state.chosen == cid:
                self.core.show(lambda account: account.show(None))
            self.do(f.WindowOpened(cid))
            self.core.show(lambda account: account.show_apart(cid, True))
        self.apart_wanted.emit(cid)

    def close_apart(self, cid: ConversationId) -> None:
        """Its window is gone."""
        self.do(f.WindowClosed(cid))
        self.core.show(lambda account: account.show_apart(cid, False))

    def step(self, step: int, *, unread: bool) -> None:
        """The next conversation, or the one before; with something unread, if asked."""
        cid = neighbour(visible(self.state), self.state.chosen, step, unread=unread)
        if cid is not None:
            self.choose(cid)

    @property
    def me_uid(self) -> bytes:
        """The account that is open; empty if none is."""
        return self.state.me.uid if self.state.me else b""
