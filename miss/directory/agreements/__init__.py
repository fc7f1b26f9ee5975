"""The charter of good use and the general conditions: texts with a version, and who has accepted which."""

from miss.directory.agreements.errors import AgreementChanged, AgreementNotFound, AgreementsNotAccepted
from miss.directory.agreements.model import Acceptance, Agreement, Block, BlockKind, Document, Signature, Whom
from miss.directory.agreements.service import Agreements
from miss.directory.agreements.texts import load_agreements

__all__ = [
    "Acceptance",
    "Agreement",
    "AgreementChanged",
    "AgreementNotFound",
    "Agreements",
    "AgreementsNotAccepted",
    "Block",
    "BlockKind",
    "Document",
    "Signature",
    "Whom",
    "load_agreements",
]
