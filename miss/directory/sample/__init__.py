"""A fictive register, for the demonstration and the tests: nobody in it exists.

Two files in the formats of the national open extractions: `personne_activite.txt` (56 columns, 2026) and
`correspondance_mssante.txt` (31 columns).  RPPS numbers begin with 999, mail domains end in `.example`, telephone
numbers are those that ARCEP keeps for works of fiction.
"""

from contextlib import AbstractContextManager
from importlib.resources import files
from typing import IO


def open_register() -> AbstractContextManager[IO[bytes]]:
    """The persons and their activities, for `Practitioners.import_register`."""
    return files(__name__).joinpath("personne_activite.txt").open("rb")


def open_mailboxes() -> AbstractContextManager[IO[bytes]]:
    """Their secure-mail addresses, for `Practitioners.import_mailboxes`."""
    return files(__name__).joinpath("correspondance_mssante.txt").open("rb")
