"""The operator's file of relays (MISS_RELAYS_FILE), in TOML:

    [[relay]]
    name = "principal"
    host = "smtp.operateur.example"
    port = 587
    tls = "verify"                      # verify, encrypt or none
    ca_file = "/etc/miss/igc-sante.pem"
    user = "miss"
    password_file = "/etc/miss/relay.password"
    domains = ["mssante.example"]       # absent: every other domain
    rank = 1                            # the second one is tried when the first is away
    max_connections = 4
    max_mails = 100

An unknown word is refused: a misspelt `tls` must not let mail leave in clear.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from miss.mail.addresses import parse_address
from miss.mail.errors import AddressMalformed
from miss.mail.relays.errors import RelaysUnusable
from miss.mail.relays.model import DEFAULT_CONNECTIONS, DEFAULT_MAILS, Relay, TlsPolicy

_WORDS: Final[Mapping[str, type]] = {
    "name": str,
    "host": str,
    "port": int,
    "tls": str,
    "ca_file": str,
    "user": str,
    "password_file": str,
    "domains": list,
    "rank": int,
    "max_connections": int,
    "max_mails": int,
}


def load_relays(path: Path) -> tuple[Relay, ...]:
    """Every relay of the file.  Raises RelaysUnusable, which says where it is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RelaysUnusable(path=path, reason=type(error).__name__) from None
    tables = content.get("relay")
    if not isinstance(tables, list) or not tables or set(content) != {"relay"}:
        raise RelaysUnusable(path=path, reason="[[relay]] ?")
    relays = tuple(_relay(path, table) for table in tables)
    if len({relay.name for relay in relays}) < len(relays):
        raise RelaysUnusable(path=path, reason="name: ×2")
    return relays


def _relay(path: Path, table: Any) -> Relay:
    for word, value in table.items():
        wanted = _WORDS.get(word)
        if wanted is None or not isinstance(value, wanted) or isinstance(value, bool):
            raise RelaysUnusable(path=path, reason=f"{word} ?")
    for word in ("name", "host"):
        if not table.get(word):
            raise RelaysUnusable(path=path, reason=f"{word} ?")
    tls = str(table.get("tls", TlsPolicy.VERIFY))
    if tls not in {*TlsPolicy}:
        raise RelaysUnusable(path=path, reason="tls ?")
    ca_file = Path(table["ca_file"]) if "ca_file" in table else None
    if ca_file is not None and not ca_file.is_file():
        raise RelaysUnusable(path=path, reason=f"ca_file: {ca_file}")
    return Relay(
        name=table["name"],
        host=table["host"],
        port=_number(path, table, "port", 25, 65_535),
        tls=TlsPolicy(tls),
        ca_file=ca_file,
        user=table.get("user", ""),
        password=_password(path, table.get("password_file", "")),
        domains=tuple(_domain(path, one) for one in table.get("domains", ())),
        rank=table.get("rank", 0),
        max_connections=_number(path, table, "max_connections", DEFAULT_CONNECTIONS, 100),
        max_mails=_number(path, table, "max_mails", DEFAULT_MAILS, 10_000),
    )


def _number(path: Path, table: Mapping[str, Any], word: str, default: int, most: int) -> int:
    value: int = table.get(word, default)
    if not 1 <= value <= most:
        raise RelaysUnusable(path=path, reason=f"{word}: 1-{most}")
    return value


def _domain(path: Path, value: Any) -> str:
    try:
        return parse_address(f"x@{value}").domain
    except AddressMalformed:
        raise RelaysUnusable(path=path, reason=f"domains: {value}") from None


def _password(path: Path, password_file: str) -> str:
    if not password_file:
        return ""
    try:
        return Path(password_file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise RelaysUnusable(path=path, reason=f"password_file: {password_file}") from None
