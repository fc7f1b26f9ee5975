"""HPRIM Médecin: the text letter that French practice software has read since 1997.

Twelve header lines, a blank one, free text, two end tags.  There is no official validator: the profile written here
is the one that five independent readers accept, and the reading is as tolerant as they are together.  The hospital
interfaces that bear the same name (HPRIM Santé 2.x, H' XML) are out of scope; laboratory blocks are kept as raw lines.
"""

from miss.documents.hprim.compose import body_lines, compose_hprim, header_lines
from miss.documents.hprim.model import Guess, GuessKind, HprimMessage
from miss.documents.hprim.parse import parse_hprim, parse_hprim_records, parse_hprim_text

__all__ = [
    "Guess",
    "GuessKind",
    "HprimMessage",
    "body_lines",
    "compose_hprim",
    "header_lines",
    "parse_hprim",
    "parse_hprim_records",
    "parse_hprim_text",
]
