"""Encryption at rest: content under a key of its own, that key under the master key, the keys apart from the data.

Requests, drafts, mails waiting to leave and quarantined originals are sealed this way (ADR 8).  Destroying one
data key destroys its content wherever a copy lies, backups of the application's database included.
"""

from miss.storage.sealed.keystore import KeyStore
from miss.storage.sealed.master import MasterKey, MasterKeys, create_master_key, load_master_keys
from miss.storage.sealed.renewal import Renewed, renew_master_key, require_opener, wrapping_since
from miss.storage.sealed.upkeep import KeyUpkeep

__all__ = [
    "KeyStore",
    "KeyUpkeep",
    "MasterKey",
    "MasterKeys",
    "Renewed",
    "create_master_key",
    "load_master_keys",
    "renew_master_key",
    "require_opener",
    "wrapping_since",
]
