"""An account that holds many messages, as a year of work leaves it; no server is needed to open it."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from clients.desktop.store.lock import NoKeyring
from clients.desktop.store.profiles import Profile, Profiles
from miss.base.clock import SystemClock, from_ms, to_ms
from miss.base.ids import AccountId, DeviceId, MessageId
from miss.base.random import system_random
from miss.client import Store
from miss.client.model import Message
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.commits import Policy, Role
from miss.protocol.crypto.membership import compose_commit
from miss.protocol.crypto.opcert import Purpose
from tests.miss.protocol.people import ALICE, BOB, OPERATOR, Stream, chains

PIN: Final = "banc-d-essai-2026"
SERVER: Final = "http://127.0.0.1:9"
"""Nobody answers there: what is measured is the machine, offline."""
WORDS: Final = (
    "La plaie du talon est propre, le pansement a été refait ce matin, prochaine visite jeudi.",
    "Kaliémie contrôlée à 4,1 mmol/L ; on garde le même traitement.",
    "Bien reçu, merci. Je rappelle la famille en fin de journée.",
    "Photo à venir : l’érythème s’étend un peu vers la malléole externe.",
)
MONTHS_MS: Final = 300 * 24 * 3600 * 1000


def seed(home: Path, messages: int, conversations: int) -> Profile:
    """Make the account in `home`: `messages` spread over `conversations`."""
    profiles = Profiles(home, NoKeyring(), SystemClock(), system_random)
    profile = profiles.begin()
    key = profiles.lock_of(profile).create(PIN)
    with Store(profile.chat_path, key, system_random) as store:
        _link(store)
        each = messages // conversations
        with store.transaction():
            for rank in range(conversations):
                _fill(store, rank, each)
    return profiles.keep(profile, "Alice FICTIVE", SERVER)


def _link(store: Store) -> None:
    link = ALICE.links[0].to_bytes()
    record = DeviceRecord(ALICE.uid, ALICE.did, ALICE.keys, SERVER, OPERATOR.root_public, link)
    store.device.keep(record, ALICE.user_key)
    store.device.mark_linked()
    store.device.add_opcerts([OPERATOR.cert().raw, OPERATOR.cert(Purpose.RECEIPT).raw])
    for person in (ALICE, BOB):
        store.people.append(person.uid, 1, [one.to_bytes() for one in person.links])


def _fill(store: Store, rank: int, count: int) -> None:
    commit, es = compose_commit(
        author=ALICE.author,
        members={ALICE.uid: Role.ADMIN, BOB.uid: Role.MEMBER},
        policy=Policy(),
        chains=chains(ALICE, BOB),
        random_bytes=Stream(f"conversation {rank}"),
    )
    cid = commit.core.cid
    store.conversations.add(cid, 0)
    store.conversations.add_epoch(commit, es)
    begun = from_ms(to_ms(SystemClock().now()) - MONTHS_MS)
    for seq in range(1, count + 1):
        author = ALICE if seq % 3 == 0 else BOB
        at = begun + timedelta(milliseconds=MONTHS_MS * seq // (count + 1))
        message = Message(
            cid=cid,
            seq=seq,
            mid=MessageId(system_random(16)),
            uid=AccountId(author.uid),
            did=DeviceId(author.did),
            is_mine=author is ALICE,
            sent_at=at,
            deposited_at=at,
            text=f"{WORDS[seq % len(WORDS)]} ({rank}-{seq})",
        )
        store.messages.add(message, envelope_id=system_random(16), env_hash=system_random(32), epoch=1)
    store.conversations.advance(cid, synced_seq=count, last_seq=count, read_seq=count - rank % 3)
