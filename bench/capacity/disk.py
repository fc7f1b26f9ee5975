"""Bytes on disk: rows put into the real tables, under the real indexes, in random order of their keys.

Rows are made inside the database: their lengths are those of real ones (`bench.protocol_costs`), their content is
hashes.  Nothing below is compressed: a row of a message stays under the 2 kB from which PostgreSQL tries.
"""

import asyncio
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bench.capacity.costs import Disk, TableSize
from bench.capacity.installation import Lab
from miss.server.service import find_services
from miss.storage import Database
from miss.storage.migrate import application_schema, migrate

MEMBERS = 5
ENV_BYTES, RECEIPT_BYTES, BOX_BYTES, COMMIT_BYTES, VAULT_BYTES = 702, 200, 1_168, 820, 72


@dataclass(frozen=True, slots=True)
class Bulk:
    """How many rows."""

    messages: int = 200_000
    conversations: int = 20_000
    deposits: int = 2_000
    """One by one, each in another conversation; a ninth of them at most."""


_FILL = """
CREATE FUNCTION pg_temp.blob(n bigint, bytes int) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT substr(string_agg(sha256(int8send(n * 1000 + part)), ''::bytea), 1, bytes)
  FROM generate_series(0, (bytes - 1) / 32) AS part $$;
CREATE TEMP TABLE env AS SELECT pg_temp.blob(1, {env_bytes}) AS env;
INSERT INTO chat_conversation (cid, epoch, commit_hash, needs_rekey, version, last_seq, log, changed_at,
    expired_seq, look_at)
  SELECT sha256(int8send(n)), 1, sha256(int8send(n + 1)), false, 1, 0, sha256(int8send(n + 2)), now(), 0, now()
  FROM generate_series(1, {conversations}) AS n;
INSERT INTO chat_commit (cid, epoch, commit, after_seq, created_at)
  SELECT sha256(int8send(n)), 1, pg_temp.blob(n, {commit_bytes}), 0, now()
  FROM generate_series(1, {conversations}) AS n;
INSERT INTO chat_message (cid, seq, did, mid, ts_ms, env_hash, log, env)
  SELECT sha256(int8send(1 + n % {conversations})), 1 + n / {conversations}, substr(sha256(int8send(n % 1000)), 1, 16),
    substr(int8send(1700000000000 + n), 3, 6) || substr(sha256(int8send(n)), 1, 10), 1700000000000 + n,
    sha256(int8send(n)), sha256(int8send(n + 7)), env.env
  FROM generate_series(1, {messages}) AS n, env;
INSERT INTO chat_member (cid, uid, from_version, to_version, role, from_seq, to_seq, to_epoch)
  SELECT sha256(int8send(c)), substr(sha256(int8send(c * 31 + m)), 1, 16), 1, NULL, 1, 1, NULL, NULL
  FROM generate_series(1, {conversations}) AS c, generate_series(1, {members}) AS m;
INSERT INTO chat_box (cid, epoch, uid, box, history)
  SELECT sha256(int8send(c)), 1, substr(sha256(int8send(c * 31 + m)), 1, 16), pg_temp.blob(c, {box_bytes}), NULL
  FROM generate_series(1, {conversations}) AS c, generate_series(1, {members}) AS m;
INSERT INTO chat_marker (cid, uid, recv_seq, read_seq, read_receipt, moved_at)
  SELECT sha256(int8send(c)), substr(sha256(int8send(c * 31 + m)), 1, 16), 1, 1, pg_temp.blob(c, {receipt_bytes}), now()
  FROM generate_series(1, {conversations}) AS c, generate_series(1, {members}) AS m;
INSERT INTO chat_vault_entry (uid, cid, epoch, sealed)
  SELECT substr(sha256(int8send(c * 31 + m)), 1, 16), sha256(int8send(c)), 1, pg_temp.blob(c, {vault_bytes})
  FROM generate_series(1, {conversations}) AS c, generate_series(1, {members}) AS m;
INSERT INTO chat_blob (id, uploader, size_bytes, announced_bytes, created_at)
  SELECT substr(sha256(int8send(n)), 1, 16), substr(sha256(int8send(n % 97)), 1, 16), 300000, 0, now()
  FROM generate_series(1, {conversations}) AS n;
INSERT INTO chat_blob_use (blob, cid, seq)
  SELECT substr(sha256(int8send(n)), 1, 16), sha256(int8send(n)), 1 FROM generate_series(1, {conversations}) AS n;
VACUUM ANALYZE;
"""
_TABLES = (
    "chat_message",
    "chat_conversation",
    "chat_commit",
    "chat_member",
    "chat_box",
    "chat_marker",
    "chat_vault_entry",
    "chat_blob",
    "chat_blob_use",
)
_SIZES = "SELECT count(*), pg_table_size('{0}'), pg_indexes_size('{0}') FROM {0};"
# What a flush of one message writes, in its order (`miss.chat.delivery.service`).
_DEPOSITS = """
DO $$ BEGIN FOR n IN 1..{deposits} LOOP
  INSERT INTO chat_message (cid, seq, did, mid, ts_ms, env_hash, log, env)
    SELECT sha256(int8send(n * 9)), 1000 + {turn}, substr(sha256(int8send(n)), 1, 16),
      substr(int8send(1800000000000 + {turn} * 100000 + n), 3, 6) || substr(sha256(int8send(n)), 1, 10), 1,
      sha256(int8send(n)), sha256(int8send(n)), string_agg(sha256(int8send(n + part)), ''::bytea)
    FROM generate_series(1, {env_bytes} / 32) AS part;
  UPDATE chat_conversation SET last_seq = 1000, changed_at = now(), log = sha256(int8send(n))
    WHERE cid = sha256(int8send(n * 9));
  INSERT INTO chat_notice (origin, at, notices)
    SELECT substr(sha256(int8send(n)), 1, 16), now(), sha256(int8send(n)) || sha256(int8send(n + 1));
  COMMIT;
END LOOP; END $$;
"""
_WAL = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn;"


def measure_disk(lab: Lab, url: str, seed: Path, people: int, folder: Path, bulk: Bulk) -> Disk:
    """Everything about bytes.  `seed`: a world of so many people; its rows count as theirs, but for conversations."""
    lengths = {
        "env_bytes": ENV_BYTES,
        "receipt_bytes": RECEIPT_BYTES,
        "box_bytes": BOX_BYTES,
        "commit_bytes": COMMIT_BYTES,
        "vault_bytes": VAULT_BYTES,
        "members": MEMBERS,
    }
    sql = lab.postgresql.sql
    name = "disk"
    sql(url, "postgres", f"CREATE DATABASE {name};")
    asyncio.run(_migrate(f"{url}/{name}"))
    sql(url, name, _FILL.format(messages=bulk.messages, conversations=bulk.conversations, **lengths))
    tables = []
    for table in _TABLES:
        rows, table_bytes, index_bytes = map(int, sql(url, name, _SIZES.format(table)).strip().split("|"))
        tables.append(TableSize(table=table, rows=rows, table_bytes=table_bytes, index_bytes=index_bytes))
    sql(url, name, "CHECKPOINT;")
    wal = [float(sql(url, name, _WAL))]
    for turn in (1, 2):
        sql(url, name, _DEPOSITS.format(turn=turn, deposits=bulk.deposits, **lengths))
        wal.append(float(sql(url, name, _WAL)))
    return Disk(
        tables=tuple(tables),
        person_bytes=_person_bytes(lab, url, lab.load(url, seed)) / people,
        wal_cold_bytes=(wal[1] - wal[0]) / bulk.deposits,
        wal_warm_bytes=(wal[2] - wal[1]) / bulk.deposits,
        sqlite_message_bytes=asyncio.run(_measure_sqlite(folder / "disk.db", bulk.messages // 10)),
    )


def _person_bytes(lab: Lab, url: str, database: str) -> float:
    """Of all tables that hold people and their devices."""
    names = ", ".join(f"'{table}'" for table in (*_TABLES, "chat_notice", "alembic_version"))
    return float(
        lab.postgresql.sql(
            url,
            database,
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            f" WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ({names})"
            " AND reltuples > 0;",
        )
    )


async def _migrate(url: str) -> None:
    database = Database(url)
    try:
        await migrate(database, application_schema(find_services().versions))
    finally:
        await database.close()


async def _measure_sqlite(file: Path, count: int) -> float:
    """Bytes that each of so many messages adds to a file."""
    await _migrate(f"sqlite:///{file}")
    return await asyncio.to_thread(_fill_sqlite, file, count)


def _fill_sqlite(file: Path, count: int) -> float:
    with sqlite3.connect(file) as connection:
        before = file.stat().st_size
        connection.executemany(
            "INSERT INTO chat_message (cid, seq, did, mid, ts_ms, env_hash, log, env)"
            " VALUES (randomblob(32), ?, randomblob(16), ? || randomblob(10), 1, randomblob(32), randomblob(32),"
            f" randomblob({ENV_BYTES}))",
            ((number, number.to_bytes(6, "big")) for number in range(count)),
        )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return (file.stat().st_size - before) / count
