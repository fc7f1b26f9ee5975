"""CDA R2 for the record: the answer (TLM-CR) and the request (TLM-DA) of tele-expertise, written, read and checked.

Two shapes of the volets, 2022.01 and 2026.01.  The official XSD and schematrons are a tool of the release
(`python -m bench cda-validate`), not part of this room; `check` says what they do not see.
"""

from miss.documents.cda.check import check_cda
from miss.documents.cda.compose import compose_report, compose_request, version_id
from miss.documents.cda.model import CdaDocument, CdaPatient, Fault, Identifier
from miss.documents.cda.parse import parse_cda

__all__ = [
    "CdaDocument",
    "CdaPatient",
    "Fault",
    "Identifier",
    "check_cda",
    "compose_report",
    "compose_request",
    "parse_cda",
    "version_id",
]
