"""Vault entries: the secret of one epoch, kept on the server for a person's own devices.  protocol §5

    sealed = nonce ‖ XChaCha20-Poly1305(K(UEK_g, "vault", cid), nonce, ES, ad)         72 bytes
    ad     = domain("vault-entry") ‖ uid ‖ cid ‖ epoch ‖ g

One entry for each unexpired epoch of each conversation, all under the user key in force: whoever holds that key
reads all that retention has left, and a device that was revoked holds an older one.  Entries know nothing of each
other, so writers cannot lose one another's.
"""

from typing import Final

from miss.base.ids import AccountId, ConversationId
from miss.base.random import RandomBytes
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.primitives import KEY_BYTES, NONCE_BYTES, TAG_BYTES, derive, domain, open_, seal
from miss.protocol.errors import VaultEntryUnreadable

VAULT_ENTRY_BYTES: Final = NONCE_BYTES + KEY_BYTES + TAG_BYTES


def seal_vault_entry(
    user_key: UserKey, uid: AccountId, cid: ConversationId, epoch: int, es: bytes, random_bytes: RandomBytes
) -> bytes:
    """`es` (32 bytes), the secret of `epoch` of the conversation `cid`, as the server keeps it: 72 bytes."""
    if len(es) != KEY_BYTES:
        raise ValueError("the secret of an epoch has 32 bytes")
    return seal(derive(user_key.secret, "vault", cid), es, _ad(user_key, uid, cid, epoch), random_bytes)


def open_vault_entry(user_key: UserKey, uid: AccountId, cid: ConversationId, epoch: int, sealed: bytes) -> bytes:
    """ES (32 bytes) of that epoch; the caller checks it against its commit with `commits.require_confirmed`.

    Raises VaultEntryUnreadable if the user key, the person, the conversation, the epoch or any byte is another.
    """
    es = None
    if len(sealed) == VAULT_ENTRY_BYTES:
        es = open_(derive(user_key.secret, "vault", cid), sealed, _ad(user_key, uid, cid, epoch))
    if es is None:
        raise VaultEntryUnreadable(epoch=epoch, generation=user_key.generation)
    return es


def _ad(user_key: UserKey, uid: AccountId, cid: ConversationId, epoch: int) -> bytes:
    return domain("vault-entry") + uid + cid + epoch.to_bytes(8, "big") + user_key.generation.to_bytes(8, "big")
