#!/usr/bin/env python3
"""The publisher's side of the update notice: a key of their own, and lists signed with it (ADR 53).

    releases.py key FILE                          a new private key, mode 0600; its public half is printed
    releases.py sign LIST --key FILE --out FILE [--sequence N] [--days 90]

LIST is JSON: [{"version": "0.2.0", "page": "https://…", "is_security": true}, …].  The signed file is for
MISS_DESKTOP_RELEASES of every server whose people use these packages; it has to be signed again before its days are
over, with nothing new in it if nothing is new.  The private key stays on the machine that signs the packages.
Run with the checkout's Python: .venv/bin/python deploy/desktop/releases.py …
"""

import argparse
import base64
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

from nacl.signing import SigningKey

from clients.desktop.releases import LABEL, compose_releases, parse_releases
from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.protocol.crypto.primitives import verify

KEY_BYTES = 32


def main(arguments: list[str]) -> int:
    """Do what the first word says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key").add_argument("file", type=Path)
    signing = commands.add_parser("sign")
    signing.add_argument("list", type=Path)
    signing.add_argument("--key", type=Path, required=True)
    signing.add_argument("--out", type=Path, required=True)
    signing.add_argument("--sequence", type=int, help="above that of the list before; else one more than in --out")
    signing.add_argument("--days", type=int, default=90)
    asked = parser.parse_args(arguments)
    if asked.command == "key":
        print(make_key(asked.file))
        return 0
    key = SigningKey(bytes.fromhex(asked.key.read_text().strip()))
    sequence = asked.sequence if asked.sequence is not None else _before(asked.out, key) + 1
    now = SystemClock().now()
    signed = {
        "sequence": sequence,
        "issued_at": now,
        "expires_at": now + timedelta(days=asked.days),
        "releases": json.loads(asked.list.read_text(encoding="utf-8")),
    }
    content = compose_releases(signed, key)
    parse_releases(content, bytes(key.verify_key), now, sequence)  # what no client would believe is not written
    asked.out.write_bytes(content)
    print(f"{asked.out}: list {sequence}, until {now + timedelta(days=asked.days):%Y-%m-%d}")
    return 0


def make_key(file: Path) -> str:
    """A private key in `file`, which must not exist; the public half in hexadecimal."""
    key = SigningKey(system_random(KEY_BYTES))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(bytes(key).hex() + "\n")
    return bytes(key.verify_key).hex()


def _before(file: Path, key: SigningKey) -> int:
    """The sequence of the list that stands there, expired or not."""
    if not file.exists():
        return 0
    envelope = json.loads(file.read_bytes())
    signed = base64.b64decode(envelope["signed"])
    if not verify(bytes(key.verify_key), LABEL, signed, base64.b64decode(envelope["signature"])):
        raise SystemExit(f"{file} was signed with another key")
    return int(json.loads(signed)["sequence"])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
