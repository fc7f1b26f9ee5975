"""The identity operator: its keys on disk, and the one act they exist for, countersigning a link.  protocol §2, §3

ROOT is what clients pin; OP countersigns links; RC signs deposit receipts.  `load_or_create_signer` makes all three
in a folder at first start.  A deployment then moves `root.key` offline: nothing needs it again before a certificate
expires, or a restore is declared (`root.py`).  This room refuses to attest an identity the directory does not hold,
word for word.
"""

from miss.directory.signer.folder import certificate_ends, find_audit_public, load_or_create_signer
from miss.directory.signer.root import RootLedger
from miss.directory.signer.signer import Signer, who_of

__all__ = ["RootLedger", "Signer", "certificate_ends", "find_audit_public", "load_or_create_signer", "who_of"]
