"""Lies about who is in a conversation, under which secret."""

from collections.abc import Callable
from typing import Any

import msgspec

from miss.protocol.crypto.commits import Box, Role, boxes_hash, parse_commit
from tests.attacks import plays
from tests.attacks.forge import Forger, as_member, flipped, new_secret
from tests.attacks.lies import CommitLie
from tests.attacks.middle import Lie
from tests.attacks.mutation import Catalogue, chain_of
from tests.attacks.plays import Play
from tests.attacks.scene import Scene

CATALOGUE = Catalogue()


def commit(
    name: str, play: Play, expected: str, change: Callable[[Scene, Forger, bytes, bytes | None, bytes | None], Any],
    first_epoch: int = 2,
) -> None:  # fmt: skip
    def lie(scene: Scene, forger: Forger) -> Lie:
        return CommitLie(lambda *line: change(scene, forger, *line), first_epoch)

    CATALOGUE.add(name, play, expected, lie)


def core(name: str, expected: str, change: Callable[[Scene, Forger, bytes], bytes]) -> None:
    """Alters the commit alone, not what is sealed beside it."""
    commit(name, plays.is_rekeyed, expected, lambda s, f, c, box, history: (change(s, f, c), box, history))


def with_member(scene: Scene, forger: Forger, raw: bytes) -> bytes:
    members = parse_commit(raw).core.members
    return forger.commit_with_members(raw, [*members, as_member(chain_of(scene, "hugo"))])


def without_member(scene: Scene, forger: Forger, raw: bytes) -> bytes:
    members = parse_commit(raw).core.members
    return forger.commit_with_members(raw, [one for one in members if one.uid != scene.uids["claire"]])


def with_paul(**changes: Any) -> Callable[[Scene, Forger, bytes], bytes]:
    def change(scene: Scene, forger: Forger, raw: bytes) -> bytes:
        members = parse_commit(raw).core.members
        altered = [msgspec.structs.replace(one, **changes) if one.uid == scene.uids["paul"] else one for one in members]
        return forger.commit_with_members(raw, altered)

    return change


core("member added", "CommitRefused commit_forged", with_member)
core("member dropped", "CommitRefused commit_forged", without_member)
core("role raised", "CommitRefused commit_forged", with_paul(role=Role.ADMIN))
core("user key of another generation", "CommitRefused commit_stale", with_paul(uek_gen=2))
core("pinned to an unknown chain", "CommitRefused unknown_link_head", with_paul(link_head=b"u" * 32))
core("policy altered", "CommitRefused commit_forged", lambda s, f, c: f.commit(
    c, policy=msgspec.structs.replace(parse_commit(c).core.policy, ttl_s=1)))  # fmt: skip
core("author swapped", "CommitRefused commit_not_allowed", lambda s, f, c: f.commit(c, uid=s.uids["claire"]))
core("epoch skipped", "CommitRefused commit_out_of_order", lambda s, f, c: f.commit(c, epoch=3))
core("previous commit swapped", "CommitRefused commit_out_of_order", lambda s, f, c: f.commit(c, prev=b"p" * 32))
core("conversation swapped", "CommitRefused bad_commit", lambda s, f, c: f.commit(c, cid=s.template.other_cid))
core("boxes swapped", "CommitRefused bad_commit", lambda s, f, c: f.commit(c, boxes_hash=b"h" * 32))
core("commit of a higher version", "CommitRefused unsupported_version", lambda s, f, c: f.commit_of_version(c, 2))
core("commit stripped of its version", "CommitRefused bad_commit", lambda s, f, c: f.commit_of_version(c, None))
core("commit of another suite", "CommitRefused unsupported_suite", lambda s, f, c: f.commit(c, suite=2))
core("commit of suite 0", "CommitRefused unsupported_suite", lambda s, f, c: f.commit(c, suite=0))
core("signature altered", "CommitRefused commit_forged", lambda s, f, c: c.replace(
    parse_commit(c).sig, flipped(parse_commit(c).sig)))  # fmt: skip
core("confirmation altered", "CommitRefused commit_forged", lambda s, f, c: c.replace(
    parse_commit(c).conf, flipped(parse_commit(c).conf)))  # fmt: skip
core("not a commit", "CommitRefused bad_commit", lambda s, f, c: b"\x93garbage")


@CATALOGUE.line("stranger admits himself", plays.is_rekeyed, "CommitRefused commit_not_allowed")
def _(scene: Scene, forger: Forger) -> Lie:
    hugo = scene.template.authors["hugo"]
    member, es = as_member(chain_of(scene, "hugo"), Role.ADMIN), new_secret()
    return CommitLie(
        lambda c, box, history: (
            forger.commit_signed_by(c, hugo, [*parse_commit(c).core.members, member], es), box, history
        ),
        2,
    )  # fmt: skip


@CATALOGUE.line("member without the right admits a friend", plays.is_rekeyed, "CommitRefused commit_not_allowed")
def _(scene: Scene, forger: Forger) -> Lie:
    claire = scene.template.authors["claire"]
    member, es = as_member(chain_of(scene, "hugo")), new_secret()
    return CommitLie(
        lambda c, box, history: (
            forger.commit_signed_by(c, claire, [*parse_commit(c).core.members, member], es), box, history
        ),
        2,
    )  # fmt: skip


REKEYED, JOINS = plays.is_rekeyed, plays.joins
commit("own box altered", REKEYED, "CommitRefused bad_commit", lambda s, f, c, b, h: (c, b and flipped(b), h))
commit("own box kept back", REKEYED, "MessageRefused box_missing", lambda s, f, c, b, h: (c, None, h))
commit("commit kept back", REKEYED, "MessageRefused wrong_commit", lambda s, f, c, b, h: None)
commit("history altered", JOINS, "CommitRefused bad_commit", lambda s, f, c, b, h: (c, b, h and flipped(h)))
commit("history kept back", JOINS, "MessageRefused box_missing", lambda s, f, c, b, h: (c, b, None))
commit("first commit kept back", JOINS, "CommitRefused commit_out_of_order",
       lambda s, f, c, b, h: None if parse_commit(c).core.epoch == 1 else (c, b, h), 1)  # fmt: skip


@CATALOGUE.line("own box sealed anew by the server", plays.is_rekeyed, "CommitRefused bad_commit")
def _(scene: Scene, forger: Forger) -> Lie:
    def change(raw: bytes, box: bytes | None, history: bytes | None) -> Any:
        boxes = tuple(
            Box(one.uid, b"s" * 1168) if one.uid == scene.uids["paul"] else one for one in parse_commit(raw).boxes
        )
        return forger.commit(raw, boxes_hash=boxes_hash(boxes)), b"s" * 1168, history

    return CommitLie(change, 2)


@CATALOGUE.line("somebody else's box", plays.is_rekeyed, "CommitRefused bad_commit")
def _(scene: Scene, forger: Forger) -> Lie:
    return CommitLie(lambda c, box, history: (c, b"o" * 1168, history), 2)


@CATALOGUE.line("old commits for ever", plays.is_rekeyed, "MessageRefused commit_out_of_order")
def _(scene: Scene, forger: Forger) -> Lie:
    return CommitLie(lambda c, box, history: (scene.template.first_commit, None, None), 2)
