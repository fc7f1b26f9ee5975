"""The tables of a device's store.

In clear: identifiers, numbers and times, which the server knows anyway.  Every column named `sealed` is encrypted
under the store's key (see `file`).  A change is a new entry at the end of STEPS, never an edit of an old one.
"""

import sqlite3
from typing import Final

from miss.client.errors import StoreNewer

STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "CREATE TABLE meta (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
        # The one device this store belongs to, from the first key pair on, linked or not yet.
        """CREATE TABLE device (
            only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
            uid BLOB NOT NULL, did BLOB NOT NULL, linked INTEGER NOT NULL DEFAULT 0, sealed BLOB NOT NULL)""",
        "CREATE TABLE user_key (generation INTEGER PRIMARY KEY, sealed BLOB NOT NULL)",
        """CREATE TABLE link (
            uid BLOB NOT NULL, seq INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (uid, seq)) WITHOUT ROWID""",
        # synced_seq: everything up to there was fetched.  last_seq: where the conversation stood when last heard of.
        """CREATE TABLE conversation (
            cid BLOB PRIMARY KEY,
            synced_seq INTEGER NOT NULL DEFAULT 0, last_seq INTEGER NOT NULL DEFAULT 0,
            read_seq INTEGER NOT NULL DEFAULT 0, read_reported_seq INTEGER NOT NULL DEFAULT 0,
            received_reported_seq INTEGER NOT NULL DEFAULT 0,
            active_at_ms INTEGER NOT NULL DEFAULT 0, sealed BLOB NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE epoch (
            cid BLOB NOT NULL, epoch INTEGER NOT NULL, commit_hash BLOB NOT NULL, sealed BLOB NOT NULL,
            PRIMARY KEY (cid, epoch)) WITHOUT ROWID""",
        "CREATE UNIQUE INDEX epoch_by_hash ON epoch (cid, commit_hash)",
        """CREATE TABLE message (
            cid BLOB NOT NULL, seq INTEGER NOT NULL, mid BLOB, did BLOB, envelope_id BLOB,
            mine INTEGER NOT NULL DEFAULT 0, log BLOB, sealed BLOB NOT NULL, PRIMARY KEY (cid, seq)) WITHOUT ROWID""",
        "CREATE UNIQUE INDEX message_by_mid ON message (mid, did, cid) WHERE mid IS NOT NULL",
        # The same (device, envelope id) twice is a replay (protocol §4).
        "CREATE UNIQUE INDEX message_by_envelope ON message (cid, did, envelope_id) WHERE envelope_id IS NOT NULL",
        """CREATE TABLE outbox (
            place INTEGER PRIMARY KEY AUTOINCREMENT, mid BLOB NOT NULL UNIQUE, cid BLOB NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, failed TEXT NOT NULL DEFAULT '', sealed BLOB NOT NULL)""",
        """CREATE TABLE outbox_envelope (
            attempt INTEGER PRIMARY KEY AUTOINCREMENT, mid BLOB NOT NULL REFERENCES outbox (mid) ON DELETE CASCADE,
            env_hash BLOB NOT NULL, env BLOB NOT NULL, UNIQUE (mid, env_hash))""",
        """CREATE TABLE outbox_blob (
            mid BLOB NOT NULL REFERENCES outbox (mid) ON DELETE CASCADE, place INTEGER NOT NULL,
            blob_id BLOB, content BLOB NOT NULL, PRIMARY KEY (mid, place))""",
        """CREATE TABLE marker (
            cid BLOB NOT NULL, uid BLOB NOT NULL, kind TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (cid, uid, kind)) WITHOUT ROWID""",
    ),
    (
        # What proves a message: its envelope as the server took it, and the receipt of the deposit once it is here.
        """CREATE TABLE evidence (
            cid BLOB NOT NULL, seq INTEGER NOT NULL, env BLOB NOT NULL, receipt BLOB, PRIMARY KEY (cid, seq),
            FOREIGN KEY (cid, seq) REFERENCES message (cid, seq) ON DELETE CASCADE)""",
    ),
    (
        # resets: how often this person's devices were started over; accepted: up to where the owner of the store
        # went on writing; verified: at which the safety words were compared, NULL if never.
        """CREATE TABLE contact (
            uid BLOB PRIMARY KEY, resets INTEGER NOT NULL, accepted_resets INTEGER NOT NULL,
            verified_resets INTEGER) WITHOUT ROWID""",
        """CREATE TABLE warning (
            uid BLOB NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (uid, kind)) WITHOUT ROWID""",
    ),
    (
        # What continues the log (env_hash) and bounds its keys (epoch); which message another one is about, and when
        # the server took it.  `shown` is 0 for what has no place of its own: about another one, or expired.  `refused`
        # is 1 where nothing held: what holds may still come and take its place.
        "ALTER TABLE message ADD COLUMN env_hash BLOB",
        "ALTER TABLE message ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE message ADD COLUMN about INTEGER",
        "ALTER TABLE message ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE message ADD COLUMN shown INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE message ADD COLUMN refused INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX message_refused ON message (cid, seq) WHERE refused",
        "CREATE INDEX message_about ON message (cid, about) WHERE about IS NOT NULL",
        "CREATE INDEX message_by_epoch ON message (cid, epoch)",
        # A read receipt whose log could not be compared yet, since this device had not come that far.
        "ALTER TABLE marker ADD COLUMN receipt BLOB",
        # What is told to the server about one place of a log until the server has it: signed, hence not sealed.
        """CREATE TABLE statement (
            cid BLOB NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, signed BLOB NOT NULL,
            PRIMARY KEY (cid, seq, kind)) WITHOUT ROWID""",
        """CREATE TABLE alarm (
            cid BLOB NOT NULL, seq INTEGER NOT NULL, state INTEGER NOT NULL, asked BLOB, acknowledgement BLOB,
            PRIMARY KEY (cid, seq)) WITHOUT ROWID""",
        # Who said goodbye, under which epoch; an admin's device takes them out.
        """CREATE TABLE departure (
            cid BLOB NOT NULL, uid BLOB NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY (cid, uid)) WITHOUT ROWID""",
        """CREATE TABLE split_view (
            cid BLOB NOT NULL, at_seq INTEGER NOT NULL, uid BLOB NOT NULL, theirs BLOB NOT NULL, ours BLOB NOT NULL,
            proof BLOB NOT NULL, PRIMARY KEY (cid, at_seq, uid)) WITHOUT ROWID""",
        "CREATE TABLE draft (cid BLOB PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
        # An upload under way, under the server's name for it; what was downloaded so far, encrypted as it came.
        "ALTER TABLE outbox_blob ADD COLUMN upload_id BLOB",
        """CREATE TABLE download (
            blob BLOB NOT NULL, start INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (blob, start))""",
    ),
    (
        # What the server claimed and could not prove, about a conversation, else a person (x'': neither known here).
        """CREATE TABLE incident (
            code TEXT NOT NULL, cid BLOB NOT NULL, uid BLOB NOT NULL, first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL, PRIMARY KEY (code, cid, uid)) WITHOUT ROWID""",
    ),
    (
        # The server was restored to an older point (protocol §5): the operator's statements, the conversations that
        # were not compared with the server's since, commits of ours with all their boxes, whom lost ones had taken out.
        "CREATE TABLE restoration (epoch INTEGER PRIMARY KEY, statement BLOB NOT NULL)",
        "CREATE TABLE unreconciled (cid BLOB PRIMARY KEY, since_ms INTEGER NOT NULL) WITHOUT ROWID",
        """CREATE TABLE own_commit (
            cid BLOB NOT NULL, epoch INTEGER NOT NULL, "commit" BLOB NOT NULL, at_ms INTEGER NOT NULL,
            PRIMARY KEY (cid, epoch))""",
        "CREATE TABLE taken_out (cid BLOB NOT NULL, uid BLOB NOT NULL, PRIMARY KEY (cid, uid)) WITHOUT ROWID",
        # What the server has lost, as it stood in `message` and `evidence`; resent: it is in the outbox again.
        """CREATE TABLE lost_message (
            cid BLOB NOT NULL, restoration INTEGER NOT NULL, seq INTEGER NOT NULL, mid BLOB, did BLOB,
            mine INTEGER NOT NULL, sealed BLOB NOT NULL, at_ms INTEGER NOT NULL, env BLOB, receipt BLOB,
            resent INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (cid, restoration, seq)) WITHOUT ROWID""",
    ),
)
VERSION: Final = len(STEPS)


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring the file to VERSION, in the caller's transaction.  Raises StoreNewer rather than touch a later one."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > VERSION:
        raise StoreNewer(found=found, known=VERSION)
    for step in STEPS[found:]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
