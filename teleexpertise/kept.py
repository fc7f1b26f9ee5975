"""How long tele-expertise keeps each class of its data: the table `retention.toml` of this package.  Pure."""

from typing import Final

from miss.base.retention import read_table

KEPT: Final = read_table("teleexpertise")
