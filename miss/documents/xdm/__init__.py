"""IHE XDM by mail: a zip with CDA documents and the metadata under which records file them.

Written the same way each time, read tolerantly and safely.  Who may send one is `miss.mail`'s to say.
"""

from miss.documents.xdm.compose import compose_archive, pack
from miss.documents.xdm.entry import entry_of
from miss.documents.xdm.model import DocumentEntry, Finding, FindingKind, ReceivedDocument, Submission, XdmArchive
from miss.documents.xdm.parse import parse_archive

__all__ = [
    "DocumentEntry",
    "Finding",
    "FindingKind",
    "ReceivedDocument",
    "Submission",
    "XdmArchive",
    "compose_archive",
    "entry_of",
    "pack",
    "parse_archive",
]
