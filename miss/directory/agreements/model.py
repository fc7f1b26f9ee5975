"""What people agree to, word for word, and the proof that they did.  Pure.

A version names a text, its digest proves which one: whoever disputes what they signed can be shown the very words.
The French text binds; the English one is a reading aid, and the digest covers both.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from miss.base.ids import AccountId
from miss.base.text import Language, Text

DIGEST_BYTES = 32
NAME_LENGTH = 200


class Document(StrEnum):
    """What there is to agree to."""

    CHARTER = "charter"
    """Charter of good use: how people behave towards each other on the platform."""
    TERMS = "terms"
    """General conditions of use: what the platform and its users owe each other."""


class Whom(StrEnum):
    """Whom the pages ask."""

    SIGNED_UP = "signed_up"
    """Those who accepted a version before: they came through the public form."""
    EVERYBODY = "everybody"
    """Everybody who signs in."""


class BlockKind(StrEnum):
    """How a part of a text is shown."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph (one line), or a list."""

    kind: BlockKind
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of a text."""

    document: Document
    version: str
    """`2026-11`: in force since that month."""
    title: Text
    body: Text

    @property
    def digest(self) -> bytes:
        """Of the title and the words in both languages, 32 bytes."""
        digest = blake2b(digest_size=DIGEST_BYTES, person=b"miss.agreement")
        parts = (self.document, self.version, self.title.fr, self.title.en, self.body.fr, self.body.en)
        for part in map(str.encode, parts):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()

    def blocks(self, language: Language) -> tuple[Block, ...]:
        """The text in `language`, to be shown."""
        return parse_blocks(self.body.in_(language))


@dataclass(frozen=True, slots=True)
class Signature:
    """Who accepts, and from where."""

    name: str
    """As typed on the form, or as the directory writes it."""
    address: str
    """Of the browser, past the trusted proxies."""
    language: Language
    """In which the texts were shown."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One text accepted by one person: written once, never changed but for `uid`."""

    document: Document
    version: str
    digest: bytes
    at: datetime
    signature: Signature
    uid: AccountId | None
    """None: signed up, no account yet."""


def parse_blocks(body: str) -> tuple[Block, ...]:
    """Blocks stand apart by an empty line; `## ` begins a heading, `- ` each line of a list."""
    blocks = []
    for part in body.strip().split("\n\n"):
        lines = tuple(line.strip() for line in part.strip().splitlines())
        if lines[0].startswith("## "):
            blocks.append(Block(BlockKind.HEADING, (lines[0].removeprefix("## "),)))
        elif all(line.startswith("- ") for line in lines):
            blocks.append(Block(BlockKind.LIST, tuple(line.removeprefix("- ") for line in lines)))
        else:
            blocks.append(Block(BlockKind.PARAGRAPH, (" ".join(lines),)))
    return tuple(blocks)


def in_force(agreements: Collection[Agreement]) -> tuple[Agreement, ...]:
    """The last version of each document, in the order of `Document`."""
    last = {one.document: one for one in sorted(agreements, key=lambda one: one.version)}
    return tuple(last[document] for document in Document if document in last)


def missing(current: Collection[Agreement], accepted: Collection[tuple[str, bytes]]) -> tuple[Agreement, ...]:
    """Those of `current` that are not among the (document, digest) `accepted`."""
    return tuple(one for one in current if (one.document.value, one.digest) not in accepted)
