"""How long each class of data on patient movements is kept: the table `retention.toml` of this package.  Pure."""

from typing import Final

from miss.base.retention import read_table

KEPT: Final = read_table("movements")
