"""What each fact makes of what is shown: `reduce(state, fact) -> state`.  Pure.

A fact about a conversation that is not the open one changes its row only.  Nothing of one account outlives
AccountOpened or AccountClosed.
"""

from collections.abc import Iterable
from dataclasses import replace

from clients.desktop.state import facts as f
from clients.desktop.state.losses import latest
from clients.desktop.state.model import Row, State, Thread, Waiting
from miss.client.events import ConnectionState
from miss.client.model import Message


def reduce(state: State, fact: f.Fact) -> State:
    """The state after `fact`."""
    match fact:
        case f.AccountOpened(me, settings):
            return State(me=me, settings=settings)
        case f.AccountClosed():
            return State(out=state.out)
        case f.DeviceOut(wiped, reason):
            # The lists may still be on the screen of somebody who may no longer read them.
            return State(out="wiped" if wiped else reason, settings=state.settings)
        case f.ConnectionTold(ConnectionState.CONNECTING, reason, _):
            # What is tried again is not solved yet: what keeps it from working is said until it works.
            return replace(state, connection=ConnectionState.CONNECTING, refusal=reason)
        case f.ConnectionTold(connection, reason, obstacle):
            return replace(state, connection=connection, refusal=reason, obstacle=obstacle)
        case f.CaughtUp(missed):
            return replace(state, is_synced=True, missed=state.missed or missed)
        case f.RowsTold(rows):
            return replace(state, rows=rows)
        case f.RowTold(row):
            return replace(state, rows=_with_row(state.rows, row))
        case f.AlarmsTold(alarms):
            return replace(state, alarms=alarms)
        case f.CasesTold(cases):
            return replace(state, cases=cases)
        case f.WarningsTold(warnings):
            return replace(state, warnings=warnings)
        case f.LossesTold(losses, seen):
            return replace(state, losses=losses, losses_seen=max(seen, state.losses_seen))
        case f.PresenceTold(uid, presence):
            others = tuple(one for one in state.presence if one[0] != uid)
            return replace(state, presence=(*others, (uid, presence)))
        case f.FoundTold(query, hits):
            return replace(state, hits=hits) if query == state.query else state
        case f.SettingsTold(settings, longest):
            return replace(state, settings=settings, lock_after_min_max=longest)
        case f.Troubled(sentence):
            return replace(state, trouble=sentence)
        case f.ReleaseTold(release):
            return replace(state, release=release)
        case f.Arrived():
            return state
        case _:
            return _in_thread(_by_person(state, fact), fact)


def _by_person(state: State, fact: f.Fact) -> State:
    match fact:
        case f.ConversationChosen(cid):
            thread = state.thread if state.thread and state.thread.cid == cid else None
            return replace(state, chosen=cid, thread=thread)
        case f.WindowOpened(cid) if cid not in state.windows:
            # One place for what is written: what stands in a window of its own leaves the main one.
            is_here = state.chosen == cid
            thread = None if is_here else state.thread
            chosen = None if is_here else state.chosen
            return replace(state, windows=(*state.windows, cid), chosen=chosen, thread=thread)
        case f.WindowClosed(cid):
            windows = tuple(one for one in state.windows if one != cid)
            return replace(state, windows=windows, apart=tuple(one for one in state.apart if one.cid != cid))
        case f.UnreadOnly(on):
            return replace(state, only_unread=on)
        case f.ListSearched(text):
            return replace(state, list_text=text)
        case f.SearchBegun(query):
            return replace(state, query=query, hits=() if not query else state.hits)
        case f.MissedSeen():
            return replace(state, missed=())
        case f.TroubleSeen():
            return replace(state, trouble="")
        case f.LossesSeen():
            return replace(state, losses_seen=latest(state.losses))
        case f.ReleaseSeen():
            return replace(state, release=None)
        case f.ThreadTold(thread) if thread.cid in state.windows:
            others = tuple(one for one in state.apart if one.cid != thread.cid)
            return replace(state, apart=(*others, thread))
        case f.ThreadTold(thread) if thread.cid == state.chosen:
            return replace(state, thread=thread)
    return state


def _in_thread(state: State, fact: f.Fact) -> State:
    if isinstance(fact, f.ThreadTold):
        return state
    thread = state.thread and _reduce_thread(state.thread, fact)
    apart = tuple(_reduce_thread(one, fact) for one in state.apart)
    is_same = thread is state.thread and all(new is old for new, old in zip(apart, state.apart, strict=True))
    return state if is_same else replace(state, thread=thread, apart=apart)


def _reduce_thread(thread: Thread, fact: f.Fact) -> Thread:
    match fact:
        case f.ReplyChosen(cid, seq) if cid == thread.cid:
            return replace(thread, replying_to=seq, editing=None)
        case f.EditChosen(cid, seq) if cid == thread.cid:
            return replace(thread, editing=seq, replying_to=None)
        case f.MembersTold(told) if told.cid == thread.cid:
            return replace(
                thread,
                title=told.title,
                members=told.members,
                verified=told.verified,
                warned=told.warned,
                is_member=told.is_member,
                is_admin=told.is_admin,
                ttl_s=told.ttl_s,
            )
        case f.OlderTold(cid, messages, has_older) if cid == thread.cid:
            return replace(thread, messages=_merged(thread.messages, messages), has_older=has_older)
        case f.MessagesTold(cid, messages) if cid == thread.cid:
            return _with_messages(thread, messages)
        case f.MessagesGone(cid, seqs) if cid == thread.cid:
            return replace(thread, messages=tuple(one for one in thread.messages if one.seq not in seqs))
        case f.WaitingTold(cid, waiting) if cid == thread.cid:
            progress = {one.mid: one for one in thread.waiting}
            return replace(thread, waiting=tuple(_with_progress(one, progress.get(one.mid)) for one in waiting))
        case f.UploadTold(cid, mid, sent, size) if cid == thread.cid:
            return replace(
                thread,
                waiting=tuple(
                    replace(one, sent_bytes=sent, size_bytes=size) if one.mid == mid else one for one in thread.waiting
                ),
            )
        case f.DownloadTold(cid, seq, received, size) if cid == thread.cid:
            others = tuple(one for one in thread.downloads if one[0] != seq)
            return replace(thread, downloads=others if received >= size else (*others, (seq, received, size)))
        case f.MarkersTold(cid, delivered, read) if cid == thread.cid:
            return replace(thread, delivered=delivered, read=read)
        case f.TypingTold(cid, uid, on) if cid == thread.cid:
            return replace(thread, typing=thread.typing | {uid} if on else thread.typing - {uid})
    return thread


def _with_messages(thread: Thread, messages: tuple[Message, ...]) -> Thread:
    """Changes of what is older than what is shown are left for when it is read."""
    first = thread.messages[0].seq if thread.messages and thread.has_older else 0
    shown = tuple(one for one in messages if one.seq >= first)
    written = {one.uid for one in shown if one.uid is not None}
    return replace(thread, messages=_merged(thread.messages, shown), typing=thread.typing - written)


def _merged(before: Iterable[Message], told: Iterable[Message]) -> tuple[Message, ...]:
    by_seq = {one.seq: one for one in before} | {one.seq: one for one in told}
    return tuple(by_seq[seq] for seq in sorted(by_seq))


def _with_progress(told: Waiting, known: Waiting | None) -> Waiting:
    if known is None or told.size_bytes:
        return told
    return replace(told, sent_bytes=known.sent_bytes, size_bytes=known.size_bytes)


def _with_row(rows: tuple[Row, ...], row: Row) -> tuple[Row, ...]:
    if any(one.cid == row.cid for one in rows):
        return tuple(row if one.cid == row.cid else one for one in rows)
    return (*rows, row)
