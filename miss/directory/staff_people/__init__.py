"""People without an RPPS number who have an account: secretaries, members of an organisation's staff (ADR 41).

They are nobody's entry in the directory: no search, export, feed or picker knows them.  `Practitioners` is the door by
which pages learn their names.
"""

from miss.directory.staff_people.model import Issuer, StaffPerson, compose_staff_id, is_staff_id, parse_staff_id

__all__ = ["Issuer", "StaffPerson", "compose_staff_id", "is_staff_id", "parse_staff_id"]
