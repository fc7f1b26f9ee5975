"""The national extraction files, before their meaning: UTF-8, `|` between fields, a header, no quoting.

Columns are found by their labels, case, accents, apostrophes and elided articles apart, since labels and positions
drift between releases (52 columns in 2021, 56 in 2026).  A line that cannot be read is reported with its number and
never stops the import; a header that lacks a column does.

Source: Annuaire Santé, extractions en libre accès (PS_LibreAcces, Extraction_Correspondance_MSSante).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from miss.base.text import Text
from miss.directory.practitioners.errors import ExtractionUnreadable
from miss.directory.practitioners.search import fold_words

SEPARATOR = "|"
REPORTED_LINES = 1_000
"""How many remarks of each kind an import keeps; it counts them all."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class Reason(StrEnum):
    """Why a line was left out, or taken with a doubt."""

    NOT_UTF8 = "not_utf8"
    CONTROL_CHARACTER = "control_character"
    COLUMN_COUNT = "column_count"
    IDENTIFIER = "identifier"
    IDENTIFIER_MISMATCH = "identifier_mismatch"
    IDENTIFIER_TYPE = "identifier_type"
    NAME_MISSING = "name_missing"
    PROFESSION_MISSING = "profession_missing"
    FINESS = "finess"
    MAILBOX_TYPE = "mailbox_type"
    ADDRESS = "address"
    ADDRESS_SHARED = "address_shared"
    PRACTITIONER_UNKNOWN = "practitioner_unknown"

    @property
    def text(self) -> Text:
        """The sentence an operator reads beside the line's number."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.NOT_UTF8: Text(fr="La ligne n’est pas en UTF-8.", en="The line is not UTF-8."),
    Reason.CONTROL_CHARACTER: Text(
        fr="La ligne contient un caractère de contrôle.", en="The line holds a control character."
    ),
    Reason.COLUMN_COUNT: Text(
        fr="La ligne n’a pas le même nombre de colonnes que l’en-tête.",
        en="The line does not have as many columns as the header.",
    ),
    Reason.IDENTIFIER: Text(
        fr="Le numéro RPPS ou ADELI est absent, mal formé, ou sa clé est fausse.",
        en="The RPPS or ADELI number is missing, malformed, or its key is wrong.",
    ),
    Reason.IDENTIFIER_MISMATCH: Text(
        fr="L’identifiant et l’identification nationale ne désignent pas la même personne.",
        en="The identifier and the national identification do not name the same person.",
    ),
    Reason.IDENTIFIER_TYPE: Text(
        fr="Le type d’identifiant n’est ni RPPS (8) ni ADELI (0).",
        en="The type of identifier is neither RPPS (8) nor ADELI (0).",
    ),
    Reason.NAME_MISSING: Text(fr="Le nom d’exercice manque.", en="The name is missing."),
    Reason.PROFESSION_MISSING: Text(fr="La profession manque.", en="The profession is missing."),
    Reason.FINESS: Text(
        fr="Le numéro FINESS est faux ; la ligne est prise sans lui.",
        en="The FINESS number is wrong; the line was taken without it.",
    ),
    Reason.MAILBOX_TYPE: Text(fr="Le type de boîte n’est ni PER ni ORG.", en="The mailbox is neither PER nor ORG."),
    Reason.ADDRESS: Text(fr="L’adresse de messagerie est mal formée.", en="The mail address is malformed."),
    Reason.ADDRESS_SHARED: Text(
        fr="L’adresse est attribuée à plusieurs personnes : elle n’identifie personne.",
        en="The address is given to several persons: it identifies nobody.",
    ),
    Reason.PRACTITIONER_UNKNOWN: Text(
        fr="La personne n’est pas dans l’annuaire : importez d’abord le registre.",
        en="The person is not in the directory: import the register first.",
    ),
}


@dataclass(frozen=True, slots=True)
class LineRemark:
    """A line of the file (the header is line 1) and what is wrong with it."""

    line: int
    reason: Reason


@dataclass(slots=True)
class Remarks:
    """Collects remarks: counts all, keeps the first `REPORTED_LINES`."""

    kept: list[LineRemark] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, reason: Reason) -> None:
        self.count += 1
        if len(self.kept) < REPORTED_LINES:
            self.kept.append(LineRemark(line, reason))


@dataclass(slots=True)
class Findings:
    """What a parser meets on its way, beside the entries it yields."""

    rejected: Remarks = field(default_factory=Remarks)
    doubtful: Remarks = field(default_factory=Remarks)
    skipped: int = 0


class LineRefused(Exception):
    """Inside the parsers only: leave this line out."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def normalise_label(label: str) -> str:
    """A column's label as it is compared: `Libellé civilité d'exercice` is `libelle civilite exercice`."""
    return " ".join(word for word in fold_words(label) if word not in {"d", "l"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column we read stands in this file."""

    positions: Mapping[str, int]
    width: int
    is_closed: bool
    """The header ends with a separator; so must every line, or it was cut short."""

    @classmethod
    def parse(cls, header: bytes, labels: Iterable[str]) -> "Columns":
        """Find `labels` in a header line.  Raises ExtractionUnreadable naming the first one that is missing."""
        try:
            text = header.decode("utf-8")
        except UnicodeDecodeError:
            raise ExtractionUnreadable(column=next(iter(labels))) from None
        found = [normalise_label(label) for label in _split(text)]
        if is_closed := not found[-1]:
            found.pop()
        positions = {}
        for label in labels:
            try:
                positions[label] = found.index(normalise_label(label))
            except ValueError:
                raise ExtractionUnreadable(column=label) from None
        return cls(positions, len(found), is_closed)

    def read(self, line: str) -> dict[str, str]:
        """The fields of one line by label, spaces collapsed.  Raises LineRefused."""
        fields = _split(line)
        closes = len(fields) == self.width + 1 and not fields[-1].strip()
        if not closes and (self.is_closed or len(fields) != self.width):
            raise LineRefused(Reason.COLUMN_COUNT)
        values = {label: " ".join(fields[position].split()) for label, position in self.positions.items()}
        if any(_CONTROL.search(value) for value in values.values()):
            raise LineRefused(Reason.CONTROL_CHARACTER)
        return values


Row = tuple[int, dict[str, str]]
"""A line's number, and its fields by label."""


def read_rows(lines: Iterable[bytes], labels: tuple[str, ...], findings: Findings) -> Iterator[Row]:
    """Each readable line; the others go to `findings`.

    Raises ExtractionUnreadable if the header lacks a column, or if there is no header.
    """
    numbered = enumerate(lines, start=1)
    columns = Columns.parse(next(numbered, (1, b""))[1], labels)
    for number, raw in numbered:
        if not raw.strip():
            continue
        try:
            yield number, columns.read(raw.decode("utf-8"))
        except UnicodeDecodeError:
            findings.rejected.add(number, Reason.NOT_UTF8)
        except LineRefused as refusal:
            findings.rejected.add(number, refusal.reason)


def _split(line: str) -> list[str]:
    """The fields of a line; a separator at its end gives one more, empty."""
    return line.rstrip("\r\n").split(SEPARATOR)
