"""What a parser remarks on the lines it reads: all are counted, the first of each kind are kept.  Values only."""

from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter

from miss.base.text import Text

REPORTED_LINES = 1_000
"""How many remarks of each kind an import keeps; it counts them all."""


class Reason(StrEnum):
    """Why a line was left out, or taken with a doubt."""

    NOT_TEXT = "not_text"
    ENCODING = "encoding"
    LINE_TOO_LONG = "line_too_long"
    CONTROL_CHARACTER = "control_character"
    COLUMN_COUNT = "column_count"
    DUPLICATE = "duplicate"
    IDENTIFIER = "identifier"
    IDENTIFIER_TEST_KEY = "identifier_test_key"
    IDENTIFIER_MISMATCH = "identifier_mismatch"
    IDENTIFIER_TYPE = "identifier_type"
    NAME_MISSING = "name_missing"
    PROFESSION_MISSING = "profession_missing"
    SKILL_MISSING = "skill_missing"
    QUALIFICATION_MISSING = "qualification_missing"
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
    Reason.NOT_TEXT: Text(
        fr="La ligne n’est ni en UTF-8 ni en Windows-1252.", en="The line is neither UTF-8 nor Windows-1252."
    ),
    Reason.ENCODING: Text(
        fr="La ligne n’est pas en UTF-8 ; elle a été lue en Windows-1252.",
        en="The line is not UTF-8; it was read as Windows-1252.",
    ),
    Reason.LINE_TOO_LONG: Text(
        fr="La ligne est trop longue pour être celle d’une extraction.",
        en="The line is too long to be one of an extraction.",
    ),
    Reason.CONTROL_CHARACTER: Text(
        fr="La ligne contient un caractère de contrôle.", en="The line holds a control character."
    ),
    Reason.COLUMN_COUNT: Text(
        fr="La ligne n’a pas le même nombre de colonnes que l’en-tête.",
        en="The line does not have as many columns as the header.",
    ),
    Reason.DUPLICATE: Text(
        fr="La ligne répète ce que dit une autre ligne de la même personne.",
        en="The line repeats what another line of the same person says.",
    ),
    Reason.IDENTIFIER: Text(
        fr="Le numéro RPPS ou ADELI est absent, mal formé, ou sa clé est fausse.",
        en="The RPPS or ADELI number is missing, malformed, or its key is wrong.",
    ),
    Reason.IDENTIFIER_TEST_KEY: Text(
        fr="La clé du numéro est fausse ; la ligne est prise parce que le fichier est un jeu d’essai.",
        en="The key of the number is wrong; the line was taken because the file is a test set.",
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
    Reason.SKILL_MISSING: Text(fr="Le savoir-faire manque.", en="The skill is missing."),
    Reason.QUALIFICATION_MISSING: Text(
        fr="La ligne ne nomme ni diplôme ni autorisation.", en="The line names neither a diploma nor an authorisation."
    ),
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

    def in_order(self) -> tuple[LineRemark, ...]:
        """Those that were kept, by line: a line's characters are looked at before what it says."""
        return tuple(sorted(self.kept, key=attrgetter("line")))


@dataclass(slots=True)
class Findings:
    """What a parser meets on its way, beside what it yields."""

    rejected: Remarks = field(default_factory=Remarks)
    doubtful: Remarks = field(default_factory=Remarks)
    skipped: int = 0
    """Lines that are right but not for this directory."""
    lines: int = 0
    """Lines read so far, the header left out."""


class LineRefused(Exception):
    """Inside the parsers only: leave this line out."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
