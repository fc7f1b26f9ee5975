"""Lies about single envelopes."""

from collections.abc import Callable

import msgspec

from miss.protocol.crypto.envelopes import Alarm
from tests.attacks import plays
from tests.attacks.forge import Forger, flipped
from tests.attacks.lies import LogLie
from tests.attacks.middle import Lie
from tests.attacks.mutation import Catalogue
from tests.attacks.scene import Scene

CATALOGUE = Catalogue()


PULLED = ("ciphertext altered", "other epoch", "not an envelope")
"""What is altered on both ways: both lead to the same check."""


def env(name: str, expected: str, change: Callable[[Scene, Forger, bytes], bytes]) -> None:
    """Alters an envelope, as it is announced, and some as they are pulled."""
    for play, where in ((plays.hears, "live"), (plays.comes_back, "pulled")):
        if play is plays.comes_back and name not in PULLED:
            continue

        def lie(scene: Scene, forger: Forger) -> Lie:
            return LogLie(scene.cid, lambda one: [msgspec.structs.replace(one, env=change(scene, forger, one.env))])

        CATALOGUE.add(f"{name}, {where}", play, expected, lie)


env("ciphertext altered", "MessageRefused envelope_unreadable", lambda s, f, e: flipped(e))
env("header altered", "MessageRefused wrong_commit_key", lambda s, f, e: f.envelope(e, id=b"i" * 16))
env(
    "author swapped",
    "MessageRefused wrong_commit_key",
    lambda s, f, e: f.envelope(e, did=s.template.authors["claire"].did),
)
env("author unknown", "MessageRefused unknown_sender", lambda s, f, e: f.envelope(e, did=b"x" * 16))
env("alarm added", "MessageRefused wrong_commit_key", lambda s, f, e: f.envelope(e, alarm=Alarm(2**40, ())))
env("attachment added", "MessageRefused wrong_commit_key", lambda s, f, e: f.envelope(e, blobs=(b"b" * 16,)))
env("other conversation", "MessageRefused wrong_commit", lambda s, f, e: f.envelope(e, cid=s.template.other_cid))
env("other epoch", "MessageRefused wrong_commit", lambda s, f, e: f.envelope(e, commit=b"c" * 32))
env("envelope of another suite", "MessageRefused unsupported_suite", lambda s, f, e: f.envelope(e, suite=2))
env("envelope of a higher version", "MessageRefused unsupported_version", lambda s, f, e: f.envelope_of_version(e, 2))
env("envelope without version", "MessageRefused bad_envelope", lambda s, f, e: f.envelope_of_version(e, None))
env("envelope cut", "MessageRefused bad_envelope", lambda s, f, e: e[:-1])
env("envelope lengthened", "MessageRefused bad_envelope", lambda s, f, e: e + b"\0")
env("not an envelope", "MessageRefused bad_envelope", lambda s, f, e: b"\x93garbage")
