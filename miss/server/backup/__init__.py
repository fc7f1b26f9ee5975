"""Backups: everything a deployment would miss, encrypted, its keys apart from its data (ADR 50).

    model.py        what is copied, where it lies in a copy, which copy is chosen
    sqlite.py       one consistent file of a database that is being written to
    postgresql.py   the base of a cluster, the dump of the key store
    log.py          the cluster's log, which follows by itself: whether it did
    restic.py       encrypted repositories: put in, taken out, checked, forgotten
    service.py      one backup, one restore

Copies are made by the engines' own means (SQLite's online backup, `pg_basebackup`, `pg_dump`) and kept by restic
(https://restic.net), which encrypts, deduplicates and verifies; nothing of a backup format is ours.
"""
