"""What the protocol costs: bytes and milliseconds of each operation, as tables in Markdown.  protocol §6

    python3 run.py bench protocol [--members 2 10 50 400] [--devices 2] [--repeat 5]

One core, no network, no database: the functions of `miss.protocol` as client and server call them.  Milliseconds are
the median of the repetitions; bytes are what travels or is kept, before any framing.  The figures move with the
machine; how they grow with the number of members does not.
"""

import argparse
import platform
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Any

from bench import crowd
from bench.crowd import NOW_MS, Operator, Person, Team
from miss.base.ids import AccountId
from miss.base.random import system_random
from miss.protocol.crypto.chains import apply_link
from miss.protocol.crypto.changes import compose_uek, seal_user_key_for
from miss.protocol.crypto.commits import Commit, open_box, open_history, parse_commit
from miss.protocol.crypto.envelopes import hash_envelope, open_envelope, parse_header, seal_envelope
from miss.protocol.crypto.keys import UserKey, open_user_key
from miss.protocol.crypto.links import Proof, countersign, parse_link
from miss.protocol.crypto.membership import stale_members, verify_commit
from miss.protocol.crypto.proof import compose_proof, parse_proof, verify_proof
from miss.protocol.crypto.receipts import Leaf, log_next, log_start, sign_batch
from miss.protocol.crypto.recovery import (
    compose_recovery_code,
    compose_recovery_key,
    unwrap_with_code,
    unwrap_with_passphrase,
    wrap_with_code,
    wrap_with_passphrase,
)
from miss.protocol.crypto.vault import open_vault_entry, seal_vault_entry
from miss.protocol.crypto.words import compose_passphrase

TEXT = "Plaie du talon, 3 × 2 cm, fibrine 40 %, exsudat modéré. Pansement refait ce matin ; je repasse demain. " * 3
EPOCHS = 1000
PAST_EPOCHS = 50
"""What a newcomer is given of the past, in a conversation that opens it."""


@dataclass(frozen=True)
class Cost:
    """One cell."""

    ms: float
    size_bytes: int | None = None

    def __str__(self) -> str:
        ms = f"{self.ms:.0f}" if self.ms >= 10 else f"{self.ms:.1f}" if self.ms >= 1 else f"{self.ms:.3f}"
        return f"{ms} ms" if self.size_bytes is None else f"{_size(self.size_bytes)}, {ms} ms"


def _size(size_bytes: int) -> str:
    return f"{size_bytes} B" if size_bytes < 10_000 else f"{size_bytes / 1000:,.0f} kB"


def measure(operation: Callable[[], Any], repeat: int, size_bytes: int | None = None) -> Cost:
    """The median time of `operation`, after one call that warms it up."""
    operation()
    times = []
    for _ in range(repeat):
        start = perf_counter()
        operation()
        times.append(perf_counter() - start)
    return Cost(statistics.median(times) * 1000, size_bytes)


def of_a_conversation(operator: Operator, people: list[Person], newcomer: Person, repeat: int) -> dict[str, Cost]:
    """What depends on how many members there are."""
    team = crowd.gather(people)
    known = team.chains | {newcomer.uid: newcomer.chain}
    secrets = {epoch: system_random(32) for epoch in range(1, PAST_EPOCHS + 1)}
    rekeyed, es = team.next_commit(people)
    added, _ = team.next_commit([*people, newcomer], {1: team.es})
    with_past, _ = team.next_commit([*people, newcomer], secrets)
    received = as_received(rekeyed, people[-1].uid)
    after = Team(tuple(people), rekeyed, es)
    raw = rekeyed.to_bytes()
    costs = {
        "create (author)": measure(lambda: crowd.compose(people), repeat, len(team.commit.to_bytes())),
        "new secret (author)": measure(lambda: team.next_commit(people), repeat, len(raw)),
        f"add a member, {PAST_EPOCHS} past epochs (author)": measure(
            lambda: team.next_commit([*people, newcomer], secrets), repeat, len(with_past.to_bytes())
        ),
        "the newcomer opens box and past": measure(
            lambda: (
                open_box(added, newcomer.uid, newcomer.user_key),
                open_history(added, newcomer.uid, newcomer.user_key, {1: team.commit}),
            ),
            repeat,
        ),
        "a commit at the server": measure(lambda: accept(raw, team.commit, known), repeat),
        "a commit at a member": measure(
            lambda: receive(received, team, people[-1]), repeat, len(received[0]) + len(received[1])
        ),
    }
    if len(people) > 2:
        removed, _ = team.next_commit(people[:-1])
        costs["remove a member (author)"] = measure(
            lambda: team.next_commit(people[:-1]), repeat, len(removed.to_bytes())
        )
    return costs | of_a_message(operator, after, repeat)


def as_received(commit: Commit, uid: AccountId) -> tuple[bytes, bytes]:
    """The commit with digests, and one member's own box."""
    return commit.stripped().to_bytes(), commit.box(uid) or b""


def accept(raw: bytes, previous: Commit, chains: Any) -> None:
    """What the server does with a commit before its transaction."""
    commit = parse_commit(raw)
    verify_commit(commit, previous, chains)
    assert not stale_members(commit, chains)


def receive(received: tuple[bytes, bytes], before: Team, reader: Person) -> bytes:
    """What a member does with a commit."""
    commit = parse_commit(received[0]).with_box(reader.uid, received[1])
    verify_commit(commit, before.commit, before.chains)
    return open_box(commit, reader.uid, reader.user_key)


def of_a_message(operator: Operator, team: Team, repeat: int) -> dict[str, Cost]:
    """A text of 300 letters: by the member who comes last in the order of the commit, the slowest to be found."""
    author = max(team.people, key=lambda one: one.uid)
    body = crowd.message(TEXT[:300])

    def seal() -> bytes:
        return seal_envelope(
            es=team.es, commit=team.commit, did=author.did, ik=author.keys.ik, body=body, random_bytes=system_random
        )

    env = seal()
    chains = team.chains
    stripped = team.commit.stripped()
    leaf = Leaf(team.cid, 1, hash_envelope(env), log_next(log_start(team.cid), hash_envelope(env), 1), NOW_MS)
    proof = compose_proof(
        env=env,
        es=team.es,
        commit=stripped,
        links=[link.to_bytes() for link in author.links],
        opcerts=operator.opcerts,
        receipt=sign_batch([leaf] * 50, operator.rc)[7].to_bytes(),
        root_public=operator.root_public,
    ).to_bytes()
    many = repeat * 20
    return {
        "send a text of 300 letters": measure(seal, many, len(env)),
        "the server looks at it": measure(lambda: parse_header(env), many),
        "open it": measure(lambda: open_envelope(env, team.es, team.commit, chains), many),
        "verify its proof": measure(lambda: verify_proof(parse_proof(proof), operator.root_public), repeat, len(proof)),
    }


def of_a_person(operator: Operator, repeat: int) -> dict[str, Cost]:
    """What depends on one person's devices and epochs."""
    owner = crowd.person(operator, devices=5)
    link, _ = crowd.add_device(owner.chain, owner.did, owner.keys)
    raw = countersign(link, operator.op).to_bytes()
    next_key = UserKey.generate(2, system_random)
    cid = crowd.gather([owner, crowd.person(operator)]).cid
    secrets = {epoch: system_random(32) for epoch in range(1, EPOCHS + 1)}

    def rotate() -> list[tuple[Any, bytes]]:
        proof = Proof("device", NOW_MS)
        uek = compose_uek(owner.chain, user_key=next_key, by=owner.did, by_keys=owner.keys, proof=proof, ts_ms=NOW_MS)
        return seal_user_key_for(apply_link(owner.chain, uek), next_key)

    def fill() -> dict[int, bytes]:
        return {
            epoch: seal_vault_entry(next_key, owner.uid, cid, epoch, es, system_random) for epoch, es in secrets.items()
        }

    vault, boxes = fill(), rotate()
    own_box = next(box for did, box in boxes if did == owner.did)
    sent = [link.to_bytes() for link in owner.links]
    return {
        "link a device: both signatures": measure(
            lambda: crowd.add_device(owner.chain, owner.did, owner.keys), repeat, len(raw)
        ),
        "verify a link": measure(lambda: operator.verify([parse_link(raw)], after=owner.chain), repeat * 20),
        "verify a chain of 5 devices": measure(
            lambda: operator.verify([parse_link(one) for one in sent]), repeat * 5, sum(map(len, sent))
        ),
        "new user key for 5 devices: link and boxes": measure(rotate, repeat * 5, sum(len(box) for _, box in boxes)),
        "open the user key": measure(lambda: open_user_key(own_box, owner.uid, owner.did, 2, owner.keys), repeat * 20),
        f"vault of {EPOCHS:,} epochs: seal": measure(fill, repeat, sum(map(len, vault.values()))),
        f"vault of {EPOCHS:,} epochs: open": measure(
            lambda: [open_vault_entry(next_key, owner.uid, cid, epoch, one) for epoch, one in vault.items()], repeat
        ),
        **of_recovery(owner, repeat),
    }


def of_recovery(owner: Person, repeat: int) -> dict[str, Cost]:
    """The recovery key, out of its wraps."""
    rk, code, words = (
        compose_recovery_key(system_random),
        compose_recovery_code(system_random),
        compose_passphrase(system_random),
    )
    by_code = wrap_with_code(rk, owner.uid, code, system_random)
    by_words = wrap_with_passphrase(rk, owner.uid, words, system_random)
    return {
        "recovery key from the printed code": measure(
            lambda: unwrap_with_code(by_code, owner.uid, code), repeat, len(by_code.to_bytes())
        ),
        "recovery key from the passphrase (Argon2id, 64 MiB)": measure(
            lambda: unwrap_with_passphrase(by_words, owner.uid, words), repeat, len(by_words.to_bytes())
        ),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench protocol")
    parser.add_argument("--members", type=int, nargs="+", default=[2, 10, 50, 400])
    parser.add_argument("--devices", type=int, default=2, help="of each member")
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    operator = Operator()
    everybody = [crowd.person(operator, asked.devices) for _ in range(max(asked.members) + 1)]
    columns = {
        members: of_a_conversation(operator, list(islice(everybody, 1, members + 1)), everybody[0], asked.repeat)
        for members in asked.members
    }
    print(f"CPython {platform.python_version()}, {platform.machine()}, {asked.devices} devices a member\n")
    print("| operation | " + " | ".join(f"{members} members" for members in columns) + " |")
    print("|---|" + "---|" * len(columns))
    for row in list(columns[asked.members[-1]]):
        print(f"| {row} | " + " | ".join(str(column.get(row, "–")) for column in columns.values()) + " |")
    print("\n| operation | |\n|---|---|")
    for row, cost in of_a_person(operator, asked.repeat).items():
        print(f"| {row} | {cost} |")


if __name__ == "__main__":
    main()
