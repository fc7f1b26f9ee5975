"""Both sides of a connection talking to each other through bytes, with nothing between them."""

from miss.protocol.crypto.auth import sign_auth, verify_auth
from miss.protocol.crypto.envelopes import hash_envelope, open_envelope, parse_header, seal_envelope
from miss.protocol.crypto.opcert import Purpose
from miss.protocol.crypto.receipts import Leaf, log_next, log_start, parse_receipt, sign_batch, verify_receipt
from miss.protocol.session import ClientSession, ServerSession
from miss.protocol.session.events import Answered, AuthReceived, HelloReceived, Lagged
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Ack, Item, Msg, Page, Pull, Ready, Send
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, OPERATOR, Person, Stream, body, chains, team

HOST = "chat.example"
T0 = 0.0
TEAM = team()


class Line:
    """A connection without a network."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.server = ServerSession(nonce=Stream(HOST)(32), server_ts_ms=NOW_MS, now_s=T0)
        self.client = ClientSession(now_s=T0)

    def carry(self, now_s: float = T0) -> None:
        """Move bytes both ways until there are none."""
        while self.server.has_frames_to_send or self.client.has_frames_to_send:
            for data in self.server.frames_to_send():
                self.client.receive(data, now_s)
            for data in self.client.frames_to_send():
                self.server.receive(data, now_s)

    def connect(self, signer: Person | None = None) -> None:
        self.carry()
        (hello,) = self.client.events()
        assert isinstance(hello, HelloReceived)
        ik = (signer or self.person).keys.ik
        self.client.authenticate(self.person.did, sign_auth(ik, hello.nonce, HOST), ts_ms=NOW_MS)
        self.carry()
        (auth,) = self.server.events()
        assert isinstance(auth, AuthReceived)
        device = self.person.chain.devices[auth.did]
        if verify_auth(device.ik, auth.nonce, HOST, auth.sig):
            self.server.accept(Ready(False, NOW_MS, self.person.chain.head, "token"))
        else:
            self.server.refuse(CloseCode.AUTH, "auth_failed")
        self.carry()


def test_a_message_from_bob_to_alice_with_its_receipt() -> None:
    bob, alice = Line(BOB), Line(ALICE)
    for line in (bob, alice):
        line.connect()
        assert line.client.is_open
        line.client.events()

    env = seal_envelope(
        es=TEAM.es,
        commit=TEAM.commit,
        did=BOB.did,
        ik=BOB.keys.ik,
        body=body("Le pansement est à refaire."),
        random_bytes=Stream("env"),
    )
    cid = TEAM.commit.core.cid
    bob.client.send_envelope(body().mid, cid, env)
    bob.carry()
    (send,) = bob.server.events()
    assert isinstance(send, Send)
    assert parse_header(send.env).cid == cid

    leaf = Leaf(cid, 1, hash_envelope(env), log_next(log_start(cid), hash_envelope(env), 1), NOW_MS)
    (receipt,) = sign_batch([leaf], OPERATOR.rc)
    bob.server.send(Ack(send.ref, send.mid, 1, NOW_MS, receipt.to_bytes()))
    alice.server.push_encoded(encode(Msg(cid, 1, send.env, NOW_MS)))
    bob.carry()
    alice.carry()

    (answered,) = bob.client.events()
    assert isinstance(answered, Answered)
    assert isinstance(answered.answer, Ack)
    proof = parse_receipt(answered.answer.receipt)
    verify_receipt(proof, OPERATOR.cert(Purpose.RECEIPT))
    assert proof.covers(env)

    (msg,) = alice.client.events()
    assert isinstance(msg, Msg)
    opened = open_envelope(msg.env, TEAM.es, TEAM.commit, chains(ALICE, BOB))
    assert (opened.uid, opened.body.text) == (BOB.uid, "Le pansement est à refaire.")


def test_another_devices_signature_does_not_open_the_connection() -> None:
    line = Line(ALICE)
    line.connect(signer=BOB)
    assert line.server.close_code is CloseCode.AUTH
    assert not line.client.is_open


def test_a_slow_reader_is_told_and_pulls() -> None:
    line = Line(ALICE)
    line.connect()
    line.client.events()
    cid = TEAM.commit.core.cid
    for seq in range(1, 401):
        line.server.push_encoded(encode(Msg(cid, seq, b"env", NOW_MS)))
    line.carry()
    events = line.client.events()
    assert events[0] == Lagged(())
    line.client.pull(cid, 1, 400, 1000)
    line.carry()
    (pull,) = line.server.events()
    assert isinstance(pull, Pull)
    items = tuple(Item(seq, b"env", NOW_MS) for seq in range(pull.from_seq, pull.to_seq + 1))
    line.server.send(Page(pull.ref, cid, items, more=False))
    line.carry()
    (answered,) = line.client.events()
    assert isinstance(answered, Answered)
    assert isinstance(answered.answer, Page)
    assert [item.seq for item in answered.answer.items] == list(range(1, 401))


def test_two_quiet_sides_keep_each_other_alive() -> None:
    line = Line(ALICE)
    line.connect()
    for now_s in range(1, 600, 5):
        line.server.tick(now_s)
        line.client.tick(now_s)
        line.carry(now_s)
    assert (line.server.close_code, line.client.close_code) == (None, None)
    assert (line.server.is_open, line.client.is_open) == (True, True)
