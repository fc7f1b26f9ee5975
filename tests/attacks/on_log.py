"""Lies about the log: what is in it, in which order, where it ends, when it was written."""

from collections.abc import Callable, Sequence

import msgspec

from miss.base.clock import to_ms
from miss.base.ids import ConversationId, MessageId, uuid7
from miss.base.random import system_random
from miss.protocol.crypto.commits import parse_commit
from miss.protocol.crypto.envelopes import TEXT, Body, seal_envelope
from miss.protocol.wire.frames import Err, Head, Heads, Hello, Item, Lag, LinkAdded, Msg, Page, Ready, Recv
from tests.attacks import plays
from tests.attacks.forge import Forger
from tests.attacks.lies import LogLie
from tests.attacks.middle import Both, Lie, Saying
from tests.attacks.mutation import Catalogue
from tests.attacks.scene import Scene

CATALOGUE = Catalogue()
FAR = 2**53 - 1
DAY_MS = 24 * 3600 * 1000


def placed(change: Callable[[Scene, Item], Sequence[Item]]) -> Callable[[Scene, Forger], Lie]:
    """A lie about each place after those that everybody knows."""
    return lambda scene, _: LogLie(scene.cid, lambda one: change(scene, one))


def swap(first: int, second: int) -> Callable[[Scene, Item], Sequence[Item]]:
    places = {first: second, second: first}
    return lambda _, one: [msgspec.structs.replace(one, seq=places.get(one.seq, one.seq))]


BACK, HEARS, HEARS_TWO, CONNECTS = plays.comes_back, plays.hears, plays.hears_two, plays.connects
REFUSED = "ConnectionChanged refused"

# Order, repetition, omission

CATALOGUE.add("two messages swapped, pulled", BACK, "SplitView", placed(swap(4, 5)), heals=False)
CATALOGUE.add("two messages swapped, live", HEARS_TWO, "SplitView", placed(swap(4, 5)), heals=False)
CATALOGUE.add("message kept back in the middle, pulled", BACK, "MessageRefused message_withheld", placed(
    lambda _, one: [] if one.seq == 5 else [one]))  # fmt: skip
CATALOGUE.add("message kept back at the beginning, pulled", BACK, "MessageRefused message_withheld", placed(
    lambda _, one: [] if one.seq == 4 else [one]))  # fmt: skip
CATALOGUE.add("message left out and the rest renumbered", HEARS_TWO, "SplitView", placed(
    lambda _, one: [] if one.seq == 4 else [msgspec.structs.replace(one, seq=one.seq - 1)]), heals=False)  # fmt: skip
CATALOGUE.add("message repeated at another place", BACK, "MessageRefused message_replayed", placed(
    lambda s, one: [one] if one.seq != 5 else [
        msgspec.structs.replace(one, env=s.template.envelopes[0])]), heals=False)  # fmt: skip
CATALOGUE.add("message repeated live, at a place to come", HEARS, "MessageRefused message_replayed", placed(
    lambda _, one: [one, msgspec.structs.replace(one, seq=one.seq + 1)]), heals=False)  # fmt: skip
CATALOGUE.add("message repeated at its own place", HEARS, "MessageReceived", placed(lambda _, one: [one, one]))
CATALOGUE.add("another message at a place already told", HEARS, "SplitView", placed(
    lambda s, one: [one, msgspec.structs.replace(one, env=s.template.envelopes[0])]))  # fmt: skip
CATALOGUE.add("everything denied", BACK, "MessageRefused message_withheld", lambda scene, _: Saying(
    Page, lambda page: [Err(ref=page.ref, code="not_found")]))  # fmt: skip
CATALOGUE.add("empty pages for ever", BACK, "MessageRefused message_withheld", lambda scene, _: Saying(
    Page, lambda page: [msgspec.structs.replace(page, items=(), more=True)]))  # fmt: skip
CATALOGUE.add("pages in another order", BACK, "MessageReceived", lambda scene, _: Saying(
    Page, lambda page: [msgspec.structs.replace(page, items=tuple(reversed(page.items)))]))  # fmt: skip
CATALOGUE.add("place not asked for", BACK, "MessageReceived", lambda scene, _: Saying(
    Page, lambda page: [msgspec.structs.replace(page, items=(*page.items, Item(999, scene.template.envelopes[0], 1)))],
    ))  # fmt: skip
CATALOGUE.add(
    "lag without end", HEARS, "MessageReceived", lambda scene, _: Saying(Msg, lambda msg: [Lag(), msg, Lag()])
)

# Where it ends


def heads(change: Callable[[Head], Head]) -> Callable[[Scene, Forger], Lie]:
    def lie(scene: Scene, _: Forger) -> Lie:
        return Saying(
            Heads,
            lambda frame: [Heads(tuple(change(head) if head.cid == scene.cid else head for head in frame.items))],
        )

    return lie


CATALOGUE.add("log rolled back", BACK, "SplitView", lambda scene, _: Both(
    heads(lambda head: msgspec.structs.replace(head, last_seq=1))(scene, Forger(scene.place)),
    ))  # fmt: skip
CATALOGUE.add("log said to be longer than it is", BACK, "MessageReceived", heads(
    lambda head: msgspec.structs.replace(head, last_seq=FAR)))  # fmt: skip
CATALOGUE.add("epoch said to be later than it is", BACK, "MessageReceived", heads(
    lambda head: msgspec.structs.replace(head, epoch=FAR)))  # fmt: skip
CATALOGUE.add("epoch said to be earlier than it is", plays.comes_back_to_another_epoch, "MessageReceived", heads(
    lambda head: msgspec.structs.replace(head, epoch=1)))  # fmt: skip
CATALOGUE.add("conversation nobody knows", BACK, "CommitRefused server_refused", lambda scene, _: Saying(
    Heads, lambda frame: [Heads((*frame.items, Head(ConversationId(b"?" * 32), 5, 0, 1)))]))  # fmt: skip

# Members of before, with the server's help


def injected(scene: Scene, name: str, text: str) -> bytes:
    """A message under the first epoch, by somebody who knew its secret."""
    author, now = scene.template.authors[name], scene.place.clock.now()
    return seal_envelope(
        es=scene.template.first_secret,
        commit=parse_commit(scene.template.first_commit),
        did=author.did,
        ik=author.keys.ik,
        body=Body(mid=MessageId(uuid7(now, system_random)), ts=to_ms(now), type=TEXT, text=text),
        random_bytes=system_random,
    )


@CATALOGUE.line("removed member writes under the old epoch", plays.sees_member_leave, "MessageRefused wrong_commit",
                heals=False)  # fmt: skip
def _(scene: Scene, _: Forger) -> Lie:
    env = injected(scene, "claire", "je suis toujours là")
    return Saying(Msg, lambda msg: [msg, Msg(msg.cid, msg.seq + 1, env, msg.ts)])


@CATALOGUE.line("stranger writes", HEARS, "MessageRefused unknown_sender", heals=False)
def _(scene: Scene, _: Forger) -> Lie:
    env = injected(scene, "hugo", "bonjour à tous")
    return Saying(Msg, lambda msg: [msg, Msg(msg.cid, msg.seq + 1, env, msg.ts)])


# Time

CATALOGUE.add("message dated beyond any calendar", HEARS, REFUSED, placed(
    lambda _, one: [msgspec.structs.replace(one, ts=FAR)]), reopens=True)  # fmt: skip
CATALOGUE.add("server's clock beyond any calendar", CONNECTS, REFUSED, lambda scene, _: Saying(
    Hello, lambda hello: [msgspec.structs.replace(hello, server_ts=FAR)]), reopens=True)  # fmt: skip
CATALOGUE.add("time of ready beyond any calendar", CONNECTS, REFUSED, lambda scene, _: Saying(
    Ready, lambda ready: [msgspec.structs.replace(ready, server_ts=FAR)]), reopens=True)  # fmt: skip

# What the server says of people

CATALOGUE.add("own chain said to be another", plays.connects, "Synced", lambda scene, _: Saying(
    Ready, lambda ready: [msgspec.structs.replace(ready, link_head=b"h" * 32)]))  # fmt: skip
CATALOGUE.add("ghost device announced", HEARS, "ServerLied link_forged", lambda scene, forger: Saying(
    Msg, lambda msg: [LinkAdded(scene.uids["claire"], forger.ghost_link(scene.template.links["claire"])), msg]
    ))  # fmt: skip
CATALOGUE.add("received by a stranger", HEARS, "MessageReceived", lambda scene, forger: Saying(
    Msg, lambda msg: [Recv(msg.cid, msg.seq, scene.uids["hugo"]), msg]))  # fmt: skip
