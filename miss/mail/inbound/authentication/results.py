"""`Authentication-Results` (RFC 8601): what a server has checked of a mail.  Pure, in linear time.

Anybody can write this header.  Whose word counts is said by `model`: here it is only read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from miss.mail.headers import Headers

FIELD = "authentication-results"
MAX_CHARS = 8_000

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[;=()]|\\.|[^\s;=()"\\]+')


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One check: `dkim=pass header.d=hopital.example`."""

    method: str
    result: str
    properties: Mapping[str, str]
    """`header.d`, `header.from`, `policy.operator`…, in lower case, values as written."""

    @property
    def passes(self) -> bool:
        return self.result == "pass"


@dataclass(frozen=True, slots=True)
class Statement:
    """One header."""

    authserv_id: str
    results: tuple[MethodResult, ...]


def parse_statement(value: str) -> Statement | None:
    """What the header says; None for one that names nobody.  What is malformed in it is left out."""
    first, *checks = _clauses(value[:MAX_CHARS])
    if not first:
        return None
    results = (_result(check) for check in checks)
    return Statement(first[0].lower(), tuple(one for one in results if one is not None))


def statements_above_received(headers: Headers) -> Iterator[Statement]:
    """Those that the last server wrote: every one writes its `Received` above what came (RFC 5321 §4.4)."""
    for name, value in headers:
        if name.lower() == "received":
            return
        if name.lower() == FIELD and (statement := parse_statement(value)) is not None:
            yield statement


def statements(headers: Headers) -> Iterator[Statement]:
    """All of them, the last one written first."""
    found = (parse_statement(value) for name, value in headers if name.lower() == FIELD)
    return (one for one in found if one is not None)


def _clauses(value: str) -> Iterator[list[str]]:
    """The words between semicolons, comments left out."""
    words: list[str] = []
    depth = 0
    for word in chain(_TOKEN.findall(value), (";",)):
        if word == "(":
            depth += 1
        elif word == ")":
            depth = max(depth - 1, 0)
        elif depth:
            continue
        elif word == ";":
            yield words
            words = []
        else:
            words.append(re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] == '"' else word)
    if depth:
        yield words


def _result(words: list[str]) -> MethodResult | None:
    """`method = result`, then `ptype.property = value`; a property said twice counts for nothing."""
    if len(words) < 3 or words[1] != "=":
        return None
    properties: dict[str, str] = {}
    doubtful: set[str] = set()
    for rank in range(3, len(words) - 2):
        if words[rank + 1] == "=":
            name = words[rank].lower()
            (doubtful.add(name) if name in properties else properties.setdefault(name, words[rank + 2]))
    for name in doubtful:
        del properties[name]
    return MethodResult(words[0].partition("/")[0].lower(), words[2].lower(), properties)
