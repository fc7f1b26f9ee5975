"""Establishments and laboratories that keep their part of the directory themselves.

`service` keeps their records, `roster` their lists of staff, `uploads` takes lists in from files, `tokens` opens the
machine doors (SCIM, the directory's HTTP API) to their own programs.  `facts`, `files`, `xlsx`, `preview` and `export`
are pure.  ADR 35.
"""
