"""Fetches what comes into an operator's mailbox: each mail is kept by us before it leaves the inbox.

Here nobody waits for our answer in a session: a refusal is written to the sender, once, and only to members of the
directory; strangers, lists and programs hear nothing (security.md §2, row 19).  A process that is killed at any point
fetches the same mail again, which is kept once and answered once.
"""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog

from miss.base.errors import MissError
from miss.mail.addresses import MailAddress
from miss.mail.errors import MailRefused, MailTooLarge
from miss.mail.headers import parse_headers, value_of
from miss.mail.inbound.authentication.model import Believed, Via
from miss.mail.inbound.imap.account import ImapAccount, ImapFailed, ImapSession, Tray
from miss.mail.inbound.imap.answers import Refusals
from miss.mail.inbound.service import Intakes

log = structlog.get_logger("miss.mail.imap")

BATCH: Final = 50
FIRST_WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 300.0
IDLE_S: Final = 1_500.0
"""Below the half hour after which servers end a connection that says nothing (RFC 2177)."""

Answer = TypeVar("Answer")


class MailboxWatch:
    """Watches one mailbox until it is stopped."""

    def __init__(
        self,
        account: ImapAccount,
        intakes: Intakes,
        refusals: Refusals,
        address: Callable[[], MailAddress],
        *,
        max_bytes: int,
        poll_s: float,
    ) -> None:
        """`address`: which of ours the mailbox stands for; `poll_s`: how often to look where the server has no IDLE."""
        self._account = account
        self._intakes = intakes
        self._refusals = refusals
        self._address = address
        self._max_bytes = max_bytes
        self._poll_s = poll_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="miss.imap")
        self._session: ImapSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._passed_over: set[int] = set()

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._run(), name="miss.imap")

    async def close(self) -> None:
        """Stop; what is being kept is kept."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            if self._session is not None:
                self._session.interrupt()
            await asyncio.gather(task, return_exceptions=True)
        self._thread.shutdown(wait=True)

    async def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                await self._connect()
                wait_s = FIRST_WAIT_S
                await self._watch()
            except (*ImapFailed, MissError) as error:
                reason = error.code if isinstance(error, MissError) else type(error).__name__
                log.warning("mail.imap_away", reason=reason, again_in_s=wait_s)
            finally:
                await self._disconnect()
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _connect(self) -> None:
        self._session = await self._in_thread(lambda: ImapSession(self._account))
        self._passed_over.clear()
        log.info("mail.imap_open", host=self._account.host)

    async def _disconnect(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.interrupt()
            await asyncio.shield(self._in_thread(session.close))

    async def _watch(self) -> None:
        assert self._session is not None  # noqa: S101 - `_connect` has returned
        session = self._session
        while True:
            while await self.take_some(session):
                pass
            if session.can_idle:
                await self._in_thread(lambda: session.wait(IDLE_S))
            else:
                await asyncio.sleep(self._poll_s)

    async def take_some(self, session: ImapSession) -> int:
        """Deal with up to `BATCH` mails; how many left the inbox.  Raises ImapFailed, and MissError to try later."""
        limit = BATCH + len(self._passed_over)
        uids = [uid for uid in await self._in_thread(lambda: session.list_(limit)) if uid not in self._passed_over]
        taken = 0
        for uid in uids:
            with contextlib.suppress(_PassedOver):
                tray = await self._take(session, uid)
                if tray is not None:
                    await self._in_thread(_moving(session, uid, tray))
                    taken += 1
        return taken

    async def _take(self, session: ImapSession, uid: int) -> Tray | None:
        """Keep one mail; where it goes then, None if it is gone.  Raises _PassedOver for one that is left there."""
        size = await self._in_thread(lambda: session.size_bytes(uid))
        if size is None:
            return None
        is_heavy = size > self._max_bytes
        content = await self._in_thread(lambda: session.fetch(uid, only_headers=is_heavy))
        if content is None:
            return None
        try:
            if is_heavy:
                raise MailTooLarge(limit_bytes=self._max_bytes)
            await self._intakes.keep(_sender(content), [str(self._address())], content, Via("", Believed.TOPMOST))
        except MailRefused as refused:
            if refused.temporary:
                self._passed_over.add(uid)
                raise _PassedOver from None
            log.info("mail.refused", reason=refused.code)
            await self._refusals.answer(content, refused, self._address())
            return Tray.REFUSED
        except MissError:
            raise
        except Exception:
            # A bug of ours on one mail must not keep the others waiting; it is tried again at the next connection.
            log.exception("mail.imap_failed")
            self._passed_over.add(uid)
            raise _PassedOver from None
        return Tray.DONE

    async def _in_thread(self, call: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


class _PassedOver(Exception):
    """A mail stays in the inbox for now."""


def _moving(session: ImapSession, uid: int, tray: Tray) -> Callable[[], None]:
    return lambda: session.move(uid, tray)


def _sender(content: bytes) -> str:
    """The envelope's sender, as the last server wrote it down (RFC 5321 §4.4); without it, the header's."""
    headers = parse_headers(content)
    path = value_of(headers, "Return-Path").strip()
    if path:
        return path.strip("<>")
    shown = value_of(headers, "From").strip()
    return shown[shown.rfind("<") + 1 :].rstrip(">") if shown.endswith(">") else shown
