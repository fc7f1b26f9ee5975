"""The register's tables: what the national files say, and nothing of ours.

They have a metadata and a line of migrations of their own, because on SQLite they lie in a file of their own: an
import, one long transaction, then never keeps a chat acknowledgement waiting (ADR 30).  On PostgreSQL they lie in
the application's database.  No table outside refers to them by foreign key.

Text that is searched by its beginning is compared byte by byte (`C` collation on PostgreSQL, the default of SQLite),
so that one index serves ranges and order alike on both.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, String, text, true
from sqlmodel import Field, SQLModel

from miss.storage.columns import UtcDateTime

REGISTER_METADATA = MetaData()

_WITHOUT_ROWID = {"sqlite_with_rowid": False}
_WITH_SPECIALTY: dict[str, Any] = {
    f"{dialect}_where": text("specialty_code <> ''") for dialect in ("sqlite", "postgresql")
}
"""Four roles in five name none: an index of the others is a fifth of the size."""


def _plain(*, primary_key: bool = False) -> Any:
    """Text compared byte by byte; never NULL."""
    kind = String().with_variant(String(collation="C"), "postgresql")
    return Column(kind, primary_key=primary_key, nullable=False, server_default=None if primary_key else "")


def _number(*, primary_key: bool = False, nullable: bool = False) -> Any:
    return Column(BigInteger, primary_key=primary_key, nullable=nullable, autoincrement=False)


class RegisterModel(SQLModel):
    """Base of the register's tables."""

    metadata = REGISTER_METADATA


class PractitionerRow(RegisterModel, table=True):
    """One person; rows are never deleted."""

    __tablename__: ClassVar[Any] = "register_practitioner"
    __table_args__ = (
        Index("register_practitioner_family", "family_words", "given_words"),
        Index("register_practitioner_given", "given_words", "family_words"),
    )

    id: str = Field(sa_column=_plain(primary_key=True))
    """PS_IdNat: `8` and the RPPS number, or `0` and the ADELI number."""
    digest: int = Field(sa_column=_number())
    """Of the facts in this row: an import writes only what differs."""
    family: str
    given: str = Field(default="")
    civility: str = Field(default="")
    profession_code: str = Field(default="")
    family_words: str = Field(sa_column=_plain())
    given_words: str = Field(sa_column=_plain())
    """Names as they are compared: folded, one space between words."""
    gone_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """When an extraction first lacked this person; NULL: the last one has them."""
    is_listed: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=true()))
    """Found by searching: everybody in the last extraction, and those gone whom an account refers to."""


class RoleRow(RegisterModel, table=True):
    """One activity with one specialty; its key is its content, so rows come and go but never change."""

    __tablename__: ClassVar[Any] = "register_role"
    __table_args__ = (
        Index("register_role_specialty", "specialty_code", "place", "name_key", **_WITH_SPECIALTY),
        Index("register_role_place", "place", "profession_code", "name_key"),
        _WITHOUT_ROWID,
    )

    practitioner_id: str = Field(sa_column=_plain(primary_key=True))
    activity: int = Field(sa_column=_number(primary_key=True))
    """Hash of the site and of the way of practising there."""
    specialty_code: str = Field(sa_column=_plain(primary_key=True))
    """Empty: the register names no specialty for this activity."""
    site: int | None = Field(default=None, sa_column=_number(nullable=True))
    profession_code: str = Field(sa_column=_plain())
    mode_code: str = Field(default="")
    """TRE_R22: `L` self-employed, `S` employed, `B` benevolent."""
    sector_code: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """TRE_R02: `SA01` public hospital, `SA07` practice of one…"""
    place: str = Field(sa_column=_plain())
    """INSEE code of the commune (`59350`), what stands for it (`59~lille`), or the department's: all begin with it."""
    name_key: str = Field(sa_column=_plain())
    """Names of the person, for order."""
    words: str = Field(default="")
    """Folded words of profession, specialty and town, with a space before each."""


class SiteRow(RegisterModel, table=True):
    """One place of practice with its public contact data; its key is the hash of its content."""

    __tablename__: ClassVar[Any] = "register_site"
    __table_args__ = (Index("register_site_identifier", "identifier"),)

    id: int = Field(sa_column=_number(primary_key=True))
    identifier: str = Field(default="")
    """Technical identifier of the structure, else FINESS, else SIRET, else name and town; empty: an address only."""
    finess: str = Field(default="")
    siret: str = Field(default="")
    name: str = Field(default="")
    address: str = Field(default="")
    postcode: str = Field(default="")
    town: str = Field(default="")
    place: str = Field(default="")
    phone: str = Field(default="")
    fax: str = Field(default="")
    email: str = Field(default="")


class CodingRow(RegisterModel, table=True):
    """A code of the national nomenclatures with the label that the register gives it."""

    __tablename__: ClassVar[Any] = "register_coding"

    kind: str = Field(primary_key=True)
    """`profession` or `specialty`."""
    code: str = Field(primary_key=True)
    label: str = Field(default="")
    words: str = Field(default="")
    """Folded, with a space before each word."""


class CommuneRow(RegisterModel, table=True):
    """A commune where somebody practises."""

    __tablename__: ClassVar[Any] = "register_commune"

    code: str = Field(sa_column=_plain(primary_key=True))
    name: str = Field(default="")
    words: str = Field(default="")
    latitude: float | None = Field(default=None, index=True)
    longitude: float | None = Field(default=None)
    """Degrees; NULL: a hamlet whose position we do not know."""


class TermRow(RegisterModel, table=True):
    """A further word of a name (`Noël` of Jean-Noël): by the first ones, people are found through their own row."""

    __tablename__: ClassVar[Any] = "register_term"
    __table_args__ = (Index("register_term_practitioner", "practitioner_id"), _WITHOUT_ROWID)

    word: str = Field(sa_column=_plain(primary_key=True))
    name_key: str = Field(sa_column=_plain(primary_key=True))
    practitioner_id: str = Field(sa_column=_plain(primary_key=True))


class WordRow(RegisterModel, table=True):
    """A word that some name has, or had."""

    __tablename__: ClassVar[Any] = "register_word"
    __table_args__ = (_WITHOUT_ROWID,)

    word: str = Field(sa_column=_plain(primary_key=True))


class TypoRow(RegisterModel, table=True):
    """A key that a misspelt word shares with the right one (`miss.directory.search.typos`)."""

    __tablename__: ClassVar[Any] = "register_typo"
    __table_args__ = (_WITHOUT_ROWID,)

    key: str = Field(sa_column=_plain(primary_key=True))
    word: str = Field(sa_column=_plain(primary_key=True))


class QualificationRow(RegisterModel, table=True):
    """A diploma or an authorisation to practise."""

    __tablename__: ClassVar[Any] = "register_qualification"
    __table_args__ = (_WITHOUT_ROWID,)

    practitioner_id: str = Field(sa_column=_plain(primary_key=True))
    kind: str = Field(sa_column=_plain(primary_key=True))
    """`diploma` or `authorisation`."""
    type_code: str = Field(sa_column=_plain(primary_key=True))
    code: str = Field(sa_column=_plain(primary_key=True))
    type: str = Field(default="")
    label: str = Field(default="")


class MailboxRow(RegisterModel, table=True):
    """One secure-mail address; it belongs to one person, or to one organisation."""

    __tablename__: ClassVar[Any] = "register_mailbox"
    __table_args__ = (Index("register_mailbox_practitioner", "practitioner_id"), _WITHOUT_ROWID)

    address: str = Field(sa_column=_plain(primary_key=True))
    practitioner_id: str = Field(sa_column=_plain())
    """Whose: PS_IdNat, or `structure:` and the Struct_IdNat of an organisation (`mailboxes.structure_owner`)."""
