"""Proofs of messages, exported: who wrote what, when it was deposited, verifiable offline by anybody.  protocol §6

Everything comes from the store.  The server is asked only for the receipt of somebody else's message, once, and for
an envelope from before the store kept them; what it answers counts only if the proof made of it holds and proves
the very message that is shown here.
"""

from miss.base.clock import Clock
from miss.base.ids import ConversationId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client.api import ReceiptAnswer, ServerApi
from miss.client.assembly import assemble
from miss.client.errors import MessageNotProvable, UnknownMessage
from miss.client.model import Message
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.client.store.evidence import Evidence
from miss.protocol.crypto.envelopes import parse_header
from miss.protocol.crypto.proof import MessageProof, compose_proof, verify_proof
from miss.protocol.errors import ProofMismatch


class Proofs:
    """What one device can prove."""

    def __init__(self, store: Store, device: DeviceRecord, api: ServerApi) -> None:
        self._store = store
        self._device = device
        self._api = api

    async def export(self, cid: ConversationId, seq: int) -> bytes:
        """The proof of the message at `seq`, verified.  It opens that message: hand it out as you would the message.

        Raises UnknownMessage, MessageNotProvable; a ProtocolError if the server gave a receipt that proves nothing;
        ServerRefused, ServerUnreachable if it is needed and does not answer.
        """
        message = self._store.messages.find(cid, seq)
        if message is None:
            raise UnknownMessage(seq=seq)
        if message.uid is None:
            raise MessageNotProvable(reason="not_shown")
        kept = self._store.evidence.find(cid, seq)
        if kept is not None and kept.receipt is not None:
            return self._prove(message, kept.env, kept.receipt, self._store.device.opcerts()).to_bytes()
        answer = await self._api.fetch_receipt(cid, seq)
        return self._take_receipt(message, kept, answer).to_bytes()

    def _take_receipt(self, message: Message, kept: Evidence | None, answer: ReceiptAnswer) -> MessageProof:
        """Keep the server's answer, if it proves the message."""
        env = kept.env if kept is not None else answer.env
        if not env:
            raise MessageNotProvable(reason="expired")
        certs = tuple(dict.fromkeys((*self._store.device.opcerts(), *answer.opcerts)))
        proof = self._prove(message, env, answer.receipt, certs)
        with self._store.transaction():
            self._store.device.add_opcerts(certs)
            self._store.evidence.keep(message.cid, message.seq, env, answer.receipt)
        return proof

    def _prove(self, message: Message, env: bytes, receipt: bytes, opcerts: tuple[bytes, ...]) -> MessageProof:
        epoch = self._store.conversations.find_epoch_of(message.cid, parse_header(env).commit)
        if epoch is None or epoch.es is None or message.uid is None:
            raise MessageNotProvable(reason="not_shown")
        proof = compose_proof(
            env=env,
            es=epoch.es,
            commit=epoch.commit,
            links=self._store.people.links(message.uid),
            opcerts=opcerts,
            receipt=receipt,
            root_public=self._device.root,
        )
        proven = verify_proof(proof, self._device.root)
        shown = message.cid, message.seq, message.did, message.mid
        if (proven.cid, proven.seq, proven.did, proven.body.mid) != shown:
            raise ProofMismatch(part="message")
        return proof

    async def fetch_attachments(self, cid: ConversationId, seq: int) -> list[bytes]:
        """The message's attachments as the server keeps them, encrypted: what a proof is checked against.

        Raises UnknownMessage, ServerRefused (expired: `not_found`), ServerUnreachable.
        """
        message = self._store.messages.find(cid, seq)
        if message is None:
            raise UnknownMessage(seq=seq)
        return [await self._api.fetch_blob(attachment.blob) for attachment in message.attachments]


async def export_proof(
    store: Store,
    cid: ConversationId,
    seq: int,
    *,
    clock: Clock,
    random_bytes: RandomBytes,
    server_url: str | None = None,
    attachments: bool = False,
) -> tuple[bytes, list[bytes]]:
    """A proof from a store that no client runs on, and the encrypted attachments if they are asked for.

    Connects to nothing unless it has to.  Raises StoreHasNoDevice, and as `Proofs`.
    """
    parts = assemble(store, clock, random_bytes, server_url, Language.FR, None)
    proofs = Proofs(store, parts.device, parts.api)
    try:
        proof = await proofs.export(cid, seq)
        return proof, await proofs.fetch_attachments(cid, seq) if attachments else []
    finally:
        await parts.http.aclose()
