"""Microseconds of what the server does again and again outside its database."""

import asyncio
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from bench import crowd
from bench.crowd import Operator
from miss.base.random import system_random
from miss.directory.sign_in.passwords import PasswordCost, PasswordHasher
from miss.protocol.crypto.envelopes import hash_envelope, parse_header, seal_envelope
from miss.protocol.crypto.primitives import sign, verify
from miss.protocol.crypto.receipts import Leaf, log_next, log_start, sign_batch

SPEND_S = 0.2
"""On each."""


def measure_primitives() -> dict[str, float]:
    """By name; the median of many runs."""
    operator = Operator()
    author, other = crowd.person(operator, devices=2), crowd.person(operator)
    team = crowd.gather([author, other])
    env = seal_envelope(
        es=team.es,
        commit=team.commit,
        did=author.did,
        ik=author.keys.ik,
        body=crowd.message("Pansement refait ce matin."),
        random_bytes=system_random,
    )
    log = log_next(log_start(team.cid), hash_envelope(env), 1)
    leaf = Leaf(team.cid, 1, hash_envelope(env), log, crowd.NOW_MS)
    signature = sign(author.keys.ik, "auth", bytes(64))
    hasher = PasswordHasher(PasswordCost.INTERACTIVE, system_random)
    kept = asyncio.run(hasher.hash("agrafe cheval correct pile"))
    return {
        "Ed25519 signature": _median_us(lambda: sign(author.keys.ik, "auth", bytes(64))),
        "Ed25519 verification": _median_us(lambda: verify(author.keys.ik_public, "auth", bytes(64), signature)),
        "header of an envelope": _median_us(lambda: parse_header(env)),
        "hash and log of an envelope": _median_us(lambda: log_next(log, hash_envelope(env), 2)),
        "deposit receipts, batch of 1": _median_us(lambda: sign_batch([leaf], operator.rc)),
        "deposit receipts, batch of 100": _median_us(lambda: sign_batch([leaf] * 100, operator.rc)),
        "chain of a person with 2 devices": _median_us(lambda: operator.verify(author.links)),
        "Argon2id of a page's password": _median_us(
            lambda: asyncio.run(hasher.verify("agrafe cheval correct pile", kept))
        ),
    }


def measure_fdatasync_ms(times: int, folder: Path) -> list[float]:
    """Milliseconds of appending 4 kB to a file in `folder` and having it on the disk, ascending."""
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            began = perf_counter()
            os.write(file.fileno(), bytes(4096))
            os.fdatasync(file.fileno())
            taken.append(1000 * (perf_counter() - began))
    return sorted(taken)


def _median_us(operation: Callable[[], object]) -> float:
    operation()
    times: list[float] = []
    until = perf_counter() + SPEND_S
    while (began := perf_counter()) < until:
        operation()
        times.append(perf_counter() - began)
    return 1e6 * statistics.median(times)
