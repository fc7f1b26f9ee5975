"""the register apart: its tables leave, practitioners are known by their national number.

Whoever had a row was known by its random identifier; now by PS_IdNat, everywhere at once (ADR 30).  The register itself
is not carried over: `miss directory import` fills its new tables, on SQLite in a file of their own.
"""

import sqlalchemy as sa
from alembic import op

from miss.storage.columns import UtcDateTime

revision = "miss_0003"
down_revision = "miss_0002"
branch_labels = None
depends_on = None

_REGISTER = ("mailbox", "practitioner_role", "organization", "practitioner")
_FOREIGN_KEY = "FOREIGN KEY(practitioner_id) REFERENCES practitioner (id)"


def upgrade() -> None:
    op.create_table(
        "directory_entry",
        sa.Column("practitioner_id", sa.String(length=36), nullable=False),
        sa.Column("is_red_listed", sa.Boolean(), nullable=False),
        sa.Column("is_proxy", sa.Boolean(), nullable=False),
        sa.Column("formats", sa.String(length=100), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("practitioner_id"),
    )
    op.create_index("ix_directory_entry_is_red_listed", "directory_entry", ["is_red_listed"])
    op.create_table(
        "directory_import",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("names", sa.String(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(length=400), nullable=False),
        sa.Column("reports", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_directory_import_started_at", "directory_import", ["started_at"])
    connection = op.get_bind()
    _let_accounts_go(connection)
    _rename_everybody(connection)
    for table in _REGISTER:
        op.drop_table(table)


def _let_accounts_go(connection: sa.Connection) -> None:
    """Drop the foreign key of `account.practitioner_id`."""
    if connection.dialect.name == "postgresql":
        op.drop_constraint("account_practitioner_id_fkey", "account", type_="foreignkey")
        return
    # SQLite cannot drop a constraint, and copying the table would break those that refer to it: its definition is
    # edited instead, as https://www.sqlite.org/lang_altertable.html (§7) allows for constraints.
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    definition = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE name = 'account'").scalar_one()
    without = definition.replace(f"\t{_FOREIGN_KEY}, \n", "")
    if without == definition:
        raise RuntimeError("the table of accounts is not as its revision made it")
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql("UPDATE sqlite_schema SET sql = ? WHERE name = 'account'", (without,))
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def _rename_everybody(connection: sa.Connection) -> None:
    """Every column that holds the identifier of a practitioner, of the house or of a service."""
    inspector = sa.inspect(connection)
    quote = connection.dialect.identifier_preparer.quote
    for table in inspector.get_table_names():
        if table in _REGISTER:
            continue
        for described in inspector.get_columns(table):
            if isinstance(described["type"], sa.String):
                column = quote(described["name"])
                connection.exec_driver_sql(
                    f"UPDATE {quote(table)} SET {column} = (SELECT national_id FROM practitioner WHERE id = {column})"  # noqa: S608
                    f" WHERE {column} IN (SELECT id FROM practitioner)"
                )
