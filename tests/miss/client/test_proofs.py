"""Proofs of messages: of one's own and of others', offline once all is here, and never of anything else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from nacl.signing import SigningKey

from miss.base.clock import from_ms
from miss.base.random import system_random
from miss.client import export_proof
from miss.client.errors import MessageNotProvable, ServerRefused, ServerUnreachable, UnknownMessage
from miss.client.model import Message
from miss.client.proofs import Proofs
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.crypto.envelopes import open_envelope, parse_header
from miss.protocol.crypto.opcert import Purpose
from miss.protocol.crypto.proof import Proven, open_attachment, parse_proof, verify_proof
from miss.protocol.errors import BadOpCert, ProofMismatch, ProtocolError, ReceiptForged
from tests.miss.client.chat_server import CLOCK, ChatServer, until_true
from tests.miss.client.devices import join, linked_store, texts
from tests.miss.client.doubles import Server
from tests.miss.client.files.test_photo import jpeg
from tests.miss.protocol.deposits import CERTS, TEAM, Deposit
from tests.miss.protocol.people import ALICE, BOB, OPERATOR, Person, body, chains

CID = TEAM.commit.core.cid
PATH = f"/api/chat/conversations/{CID.hex()}/receipts/7"


def proves(data: bytes, root: bytes = OPERATOR.root_public) -> Proven:
    return verify_proof(parse_proof(data), root)


async def test_both_sides_prove_the_same_message(server: ChatServer) -> None:
    anne_uid, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne, server.online(PAUL_EXEMPLE) as paul:
        cid = await anne.create_conversation([paul_uid])
        seq = await anne.wait_sent(anne.send_text(cid, "Je confirme."))
        await until_true(paul, lambda: texts(paul, cid) == ["Je confirme."])
        (shown,) = paul.messages(cid)
        theirs = await paul.export_proof(cid, seq)
        photo_seq = await paul.wait_sent(await paul.send_photo(cid, jpeg(), "voici"))
        await until_true(anne, lambda: len(texts(anne, cid)) == 2)
        photo = await anne.fetch_photo(anne.messages(cid)[1])
    root = server.signer.root_public
    with server.store(ANNE_MODELE) as store:
        _, blobs = await export_proof(store, cid, photo_seq, clock=CLOCK, random_bytes=system_random, attachments=True)
    await server.stop()

    async def offline(rpps: str, seq: int) -> Proven:
        with server.store(rpps) as store:
            data, _ = await export_proof(store, cid, seq, clock=CLOCK, random_bytes=system_random)
            return proves(data, root)

    mine = await offline(ANNE_MODELE, seq)
    assert mine == proves(theirs, root) == await offline(PAUL_EXEMPLE, seq)
    assert (mine.who.rpps, mine.uid, mine.did) == (ANNE_MODELE, anne_uid, shown.did)
    assert (mine.body.text, mine.cid, mine.seq) == ("Je confirme.", cid, seq)
    assert from_ms(mine.deposited_at_ms) == shown.deposited_at
    # What was fetched once is kept; a photo's proof names the very file.
    sent = await offline(ANNE_MODELE, photo_seq)
    assert (sent.who.rpps, sent.body.text) == (PAUL_EXEMPLE, "voici")
    assert [open_attachment(sent, blob) for blob in blobs] == [(0, photo)]


async def test_a_message_from_before_the_upgrade_is_proved_with_the_servers_envelope(server: ChatServer) -> None:
    _, paul_uid = await server.link_everybody(ANNE_MODELE, PAUL_EXEMPLE)
    async with server.online(ANNE_MODELE) as anne:
        cid = await anne.create_conversation([paul_uid])
        seq = await anne.wait_sent(anne.send_text(cid, "ancien"))
        anne._store._file.execute("DELETE FROM evidence")
        data = await anne.export_proof(cid, seq)
    assert proves(data, server.signer.root_public).body.text == "ancien"


# A server that would have something else proved

DEPOSIT = Deposit(author=ALICE)


def message_of(deposit: Deposit, author: Person) -> Message:
    opened = open_envelope(deposit.env, TEAM.es, TEAM.commit, chains(ALICE, BOB))
    return Message(
        cid=CID,
        seq=deposit.seq,
        mid=opened.body.mid,
        uid=author.uid,
        did=author.did,
        is_mine=False,
        sent_at=from_ms(opened.body.ts),
        deposited_at=from_ms(deposit.at_ms),
        text=opened.body.text,
    )


@pytest.fixture
def bob(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Bob's store, which holds Alice's message and its envelope, and no receipt."""
    store, server = linked_store(tmp_path / "bob.db", BOB, ALICE), Server()
    join(store, TEAM)
    env_id = parse_header(DEPOSIT.env).id
    store.messages.add(message_of(DEPOSIT, ALICE), envelope_id=env_id, env_hash=None)
    store.evidence.keep(CID, 7, DEPOSIT.env)
    yield SimpleNamespace(store=store, server=server, proofs=Proofs(store, store.device.get(), server.api(BOB)))
    store.close()


def answers(server: Server, deposit: Deposit, receipt: bytes | None = None) -> None:
    server.answers[PATH] = 200, {"receipt": receipt or deposit.receipt(), "env": deposit.env, "opcerts": CERTS}


async def test_the_receipt_is_asked_for_once(bob: SimpleNamespace) -> None:
    answers(bob.server, DEPOSIT)
    first = await bob.proofs.export(CID, 7)
    second = await bob.proofs.export(CID, 7)
    assert first == second == DEPOSIT.proof().to_bytes()
    assert len(bob.server.requests) == 1


async def test_certificates_that_come_with_the_receipt_count_if_they_are_roots(bob: SimpleNamespace) -> None:
    bob.store.device._put_meta("opcerts", b"\x91\xc4" + bytes([len(CERTS[0])]) + CERTS[0])
    assert bob.store.device.opcerts() == (CERTS[0],)
    answers(bob.server, DEPOSIT)
    forged = CERTS[1][:-1] + bytes([CERTS[1][-1] ^ 1])
    good = dict(bob.server.answers)
    bob.server.answers[PATH] = 200, {"receipt": DEPOSIT.receipt(), "env": b"", "opcerts": [forged]}
    with pytest.raises(BadOpCert):
        await bob.proofs.export(CID, 7)
    assert bob.store.device.opcerts() == (CERTS[0],)
    bob.server.answers.update(good)
    assert proves(await bob.proofs.export(CID, 7)).body.text == DEPOSIT.content.text
    assert bob.store.device.opcerts() == (CERTS[0], OPERATOR.cert(Purpose.RECEIPT).raw)


@pytest.mark.parametrize(
    ("receipt", "error"),
    [
        (DEPOSIT.receipt(SigningKey(b"X" * 32)), ReceiptForged),
        (Deposit(author=ALICE, seed="another").receipt(), ProofMismatch),
        (Deposit(author=ALICE, seq=8).receipt(), ProofMismatch),
        (b"\x90", ProtocolError),
    ],
)
async def test_a_receipt_of_something_else_is_neither_used_nor_kept(
    bob: SimpleNamespace, receipt: bytes, error: type[ProtocolError]
) -> None:
    answers(bob.server, DEPOSIT, receipt)
    with pytest.raises(error):
        await bob.proofs.export(CID, 7)
    assert bob.store.evidence.find(CID, 7).receipt is None


async def test_another_genuine_message_is_not_proved_in_its_place(bob: SimpleNamespace) -> None:
    bob.store._file.execute("DELETE FROM evidence")
    answers(bob.server, Deposit(author=ALICE, content=body("autre chose", 2), seed="b"))
    with pytest.raises(ProofMismatch) as refused:
        await bob.proofs.export(CID, 7)
    assert refused.value.params["part"] == "message"
    assert bob.store.evidence.find(CID, 7) is None


async def test_what_is_not_there_or_was_not_shown(bob: SimpleNamespace) -> None:
    with pytest.raises(UnknownMessage):
        await bob.proofs.export(CID, 1)
    shown = message_of(DEPOSIT, ALICE)
    nothing = replace(shown, seq=8, mid=None, uid=None, did=None, text="", refused="envelope_forged")
    bob.store.messages.add(nothing, envelope_id=None, env_hash=None)
    bob.store.messages.add(replace(nothing, seq=9, refused="", is_deleted=True), envelope_id=None, env_hash=None)
    for seq in (8, 9):
        with pytest.raises(MessageNotProvable):
            await bob.proofs.export(CID, seq)
    assert bob.server.requests == []


async def test_an_envelope_that_expired_everywhere(bob: SimpleNamespace) -> None:
    bob.store._file.execute("DELETE FROM evidence")
    bob.server.answers[PATH] = 200, {"receipt": DEPOSIT.receipt(), "env": b"", "opcerts": CERTS}
    with pytest.raises(MessageNotProvable) as refused:
        await bob.proofs.export(CID, 7)
    assert refused.value.params["reason"] == "expired"


async def test_a_server_that_refuses_or_does_not_answer(bob: SimpleNamespace) -> None:
    with pytest.raises(ServerRefused) as refused:
        await bob.proofs.export(CID, 7)
    assert refused.value.server_code == "not_found"
    bob.server.answers[PATH] = 502, b"gateway"
    with pytest.raises(ServerUnreachable):
        await bob.proofs.export(CID, 7)
    with pytest.raises(UnknownMessage):
        await bob.proofs.fetch_attachments(CID, 1)
