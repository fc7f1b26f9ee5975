from bisect import bisect_left
from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.protocol.crypto.chains import FUTURE_TOLERANCE_MS
from miss.protocol.crypto.changes import compose_add, compose_recover, compose_reset
from miss.protocol.crypto.codes import code_secret
from miss.protocol.crypto.keys import DeviceKeys, UserKey, seal_user_key
from miss.protocol.crypto.links import DevicePublic, Link, Proof, cosign
from miss.protocol.crypto.pairing import (
    MAX_URI,
    Answer,
    Invitation,
    accept_answer,
    compose_answer,
    compose_offer,
    compose_pairing_code,
    compose_pairing_uri,
    pairing_keys,
    parse_answer,
    parse_offer,
    parse_pairing_code,
    parse_pairing_uri,
)
from miss.protocol.crypto.primitives import derive, domain, hash_, open_, seal
from miss.protocol.errors import (
    BadPairing,
    BadPairingCode,
    BadPairingUri,
    LinkError,
    LinkNotAllowed,
    PairingMismatch,
    PairingUnreadable,
    ProtocolError,
    UnsupportedVersion,
)
from miss.protocol.limits import MAX_PAIRING_BYTES
from miss.protocol.packing import pack
from tests.miss.protocol.people import (
    ALICE,
    BOB,
    BY_CODE,
    BY_DEVICE,
    NOW_MS,
    ON_PAPER,
    OPERATOR,
    Person,
    Stream,
    new_device,
)

CODE = compose_pairing_code(Stream("pairing"))
KEYS = pairing_keys(CODE)
OTHER = pairing_keys(compose_pairing_code(Stream("other")))
TABLET, TABLET_KEYS = new_device(0x50)
STRANGER, STRANGER_KEYS = new_device(0x51)
OFFER = compose_offer(KEYS, TABLET, "Tablette du bloc", Stream("offer"))


def added(person: Person = ALICE, device: DevicePublic = TABLET, proof: Proof = BY_DEVICE) -> Link:
    return compose_add(person.chain, device=device, by=person.did, by_keys=person.keys, proof=proof, ts_ms=NOW_MS)


def answered(
    person: Person = ALICE, link: Link | None = None, user_key: UserKey | None = None, offer: bytes = OFFER
) -> bytes:
    return compose_answer(
        KEYS,
        offer,
        root=OPERATOR.root_public,
        opcerts=[OPERATOR.cert().raw],
        links=[sent.to_bytes() for sent in person.links],
        link=link or added(person),
        user_key_box=seal_user_key(user_key or person.user_key, person.uid, TABLET.did, TABLET.ek),
        random_bytes=Stream("answer"),
    )


def accepted(answer: bytes, device: DevicePublic = TABLET, keys: DeviceKeys = TABLET_KEYS) -> Person:
    result = accept_answer(parse_answer(KEYS, OFFER, answer), device, keys, NOW_MS)
    assert result.user_key.public == result.chain.uek_pk
    return ALICE.after(result.link)


ANSWER = answered()


def test_a_new_device_comes_in() -> None:
    offer = parse_offer(KEYS, OFFER)
    assert (offer.device, offer.name) == (TABLET, "Tablette du bloc")
    person = accepted(ANSWER)
    assert set(person.chain.devices) == {ALICE.did, TABLET.did}


def test_place_and_key_are_as_the_specification_says() -> None:
    secret = hash_("pairing", code_secret(CODE))
    assert (KEYS.slot, KEYS.key) == (derive(secret, "pairing-slot")[:16], derive(secret, "pairing-key"))
    packed = open_(KEYS.key, OFFER, domain("pairing-offer") + KEYS.slot)
    assert packed == pack([1, TABLET.did, TABLET.ik, TABLET.ek, "Tablette du bloc"])
    ad = domain("pairing-answer") + KEYS.slot + hash_("pairing-offer", OFFER)
    assert open_(KEYS.key, ANSWER, ad) == pack(parse_answer(KEYS, OFFER, ANSWER))
    assert KEYS.key.hex() not in repr(KEYS)
    assert str(KEYS.key) not in repr(KEYS)


@settings(max_examples=30)
@given(st.binary(min_size=17, max_size=17), st.text(max_size=80))
def test_any_name_arrives_under_any_code(drawn: bytes, name: str) -> None:
    keys = pairing_keys(compose_pairing_code(lambda size: drawn))
    assert parse_offer(keys, compose_offer(keys, TABLET, name, Stream("any"))).name == name


def test_another_code_opens_nothing() -> None:
    with pytest.raises(PairingUnreadable):
        parse_offer(OTHER, OFFER)
    with pytest.raises(PairingUnreadable):
        parse_answer(OTHER, OFFER, ANSWER)
    # The right key in another place: a server that exchanges slots.
    with pytest.raises(PairingUnreadable):
        parse_offer(replace(KEYS, slot=OTHER.slot), OFFER)


def test_an_answer_answers_one_offer() -> None:
    again = compose_offer(KEYS, TABLET, "Tablette du bloc", Stream("again"))
    with pytest.raises(PairingUnreadable):
        parse_answer(KEYS, again, ANSWER)
    with pytest.raises(PairingUnreadable):
        parse_offer(KEYS, ANSWER)
    with pytest.raises(PairingUnreadable):
        parse_answer(KEYS, OFFER, OFFER)


def test_every_changed_byte_is_seen() -> None:
    for at in range(len(OFFER)):
        with pytest.raises(PairingUnreadable):
            parse_offer(KEYS, _flipped(OFFER, at))
    for at in range(0, len(ANSWER), 7):
        with pytest.raises(PairingUnreadable):
            parse_answer(KEYS, OFFER, _flipped(ANSWER, at))


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def test_the_link_has_to_be_the_devices_own() -> None:
    with pytest.raises(PairingMismatch) as caught:
        accepted(answered(link=added(device=STRANGER)))
    assert caught.value.params == {"part": "device"}
    with pytest.raises(PairingMismatch):
        accepted(ANSWER, device=replace(TABLET, ek=STRANGER.ek))


def test_the_link_only_lets_in() -> None:
    paper, paper_keys = new_device(0x70)
    enrolled = ALICE.after(cosign(added(device=paper, proof=ON_PAPER), paper_keys))
    recover = compose_recover(
        enrolled.chain, device=TABLET, paper=paper.did, paper_keys=paper_keys, proof=BY_CODE, ts_ms=NOW_MS
    )
    reset = compose_reset(
        ALICE.chain,
        did=TABLET.did,
        keys=TABLET_KEYS,
        user_key=UserKey(2, b"2" * 32),
        who=ALICE.who,
        proof=BY_CODE,
        ts_ms=NOW_MS,
    )
    for person, link in ((enrolled, recover), (ALICE, reset), (ALICE, added(proof=ON_PAPER))):
        with pytest.raises(PairingMismatch) as caught:
            accepted(answered(person, link))
        assert caught.value.params == {"part": "operation"}


def test_the_link_has_to_be_vouched_for() -> None:
    with pytest.raises(LinkError):
        accepted(answered(link=replace(added(), by=None, by_sig=None)))
    with pytest.raises(LinkError):
        accepted(answered(link=replace(added(), by_sig=bytes(64))))
    with pytest.raises(LinkError):
        accepted(answered(link=added(BOB)))


def test_the_chain_has_to_hold() -> None:
    answer = parse_answer(KEYS, OFFER, ANSWER)
    unsigned = replace(ALICE.links[0], op_sig=None).to_bytes()
    for wrong in (
        msgspec.structs.replace(answer, links=()),
        msgspec.structs.replace(answer, links=(unsigned,)),
        msgspec.structs.replace(answer, root=bytes(32)),
        msgspec.structs.replace(answer, opcerts=()),
        msgspec.structs.replace(answer, links=(BOB.links[0].to_bytes(),)),
    ):
        with pytest.raises(ProtocolError):
            accept_answer(wrong, TABLET, TABLET_KEYS, NOW_MS)


def test_a_chain_from_the_future_is_refused() -> None:
    answer = parse_answer(KEYS, OFFER, ANSWER)
    accept_answer(answer, TABLET, TABLET_KEYS, NOW_MS - FUTURE_TOLERANCE_MS)
    with pytest.raises(LinkNotAllowed):
        accept_answer(answer, TABLET, TABLET_KEYS, NOW_MS - FUTURE_TOLERANCE_MS - 1)


def test_the_user_key_has_to_be_the_one_of_the_chain() -> None:
    with pytest.raises(PairingMismatch) as caught:
        accepted(answered(user_key=UserKey(1, b"x" * 32)))
    assert caught.value.params == {"part": "user_key"}
    with pytest.raises(PairingMismatch):
        accepted(answered(user_key=UserKey(2, ALICE.user_key.secret)))


def test_sizes_are_bounded() -> None:
    with pytest.raises(BadPairing):
        compose_offer(KEYS, TABLET, "x" * 81, Stream("offer"))
    links = [b"x" * 8192] * 128
    with pytest.raises(BadPairing):
        compose_answer(
            KEYS,
            OFFER,
            root=OPERATOR.root_public,
            opcerts=[],
            links=links,
            link=added(),
            user_key_box=b"b" * 1168,
            random_bytes=Stream("answer"),
        )
    with pytest.raises(PairingUnreadable):
        parse_offer(KEYS, seal(KEYS.key, bytes(MAX_PAIRING_BYTES), domain("pairing-offer") + KEYS.slot, Stream("big")))


def test_the_largest_answer_that_is_composed_is_one_that_the_server_takes() -> None:
    def composed(last_bytes: int) -> bytes:
        return compose_answer(
            KEYS,
            OFFER,
            root=OPERATOR.root_public,
            opcerts=[],
            links=[b"x" * 8192] * 127 + [b"x" * last_bytes],
            link=added(),
            user_key_box=b"b" * 1168,
            random_bytes=Stream("answer"),
        )

    def fits(last_bytes: int) -> bool:
        try:
            composed(last_bytes)
        except BadPairing:
            return False
        return True

    largest = bisect_left(range(8192), True, key=lambda last_bytes: not fits(last_bytes)) - 1
    assert 0 < largest < 8191
    assert MAX_PAIRING_BYTES - 64 < len(composed(largest)) <= MAX_PAIRING_BYTES


def test_other_shapes_are_refused() -> None:
    def offered(fields: list[object]) -> bytes:
        return seal(KEYS.key, pack(fields), domain("pairing-offer") + KEYS.slot, Stream("by hand"))

    with pytest.raises(BadPairing):
        parse_offer(KEYS, offered([1, TABLET.did, TABLET.ik, TABLET.ek]))
    with pytest.raises(BadPairing):
        parse_offer(KEYS, offered([1, TABLET.did, TABLET.ik, TABLET.ek[:-1], ""]))
    with pytest.raises(UnsupportedVersion):
        parse_offer(KEYS, offered([2, TABLET.did, TABLET.ik, TABLET.ek, ""]))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(PairingUnreadable):
        parse_offer(KEYS, data)
    with pytest.raises(PairingUnreadable):
        parse_answer(KEYS, OFFER, data)


@pytest.mark.parametrize(
    "server_url", ["https://chat.example", "http://127.0.0.1:8000", "https://messagerie.chu.example:8443/miss"]
)
def test_a_qr_code_says_where_and_what(server_url: str) -> None:
    uri = compose_pairing_uri(server_url, CODE)
    assert uri.startswith("miss:pair?s=http")
    assert "://" not in uri
    assert parse_pairing_uri(uri) == Invitation(server_url, parse_pairing_code(CODE))
    assert parse_pairing_uri(f" {uri}\n") == parse_pairing_uri(uri)
    assert CODE not in repr(parse_pairing_uri(uri))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://chat.example",
        "miss:pair",
        "miss:pair?",
        f"miss:join?s=https%3A%2F%2Fchat.example&c={CODE}",
        f"miss:pair?c={CODE}",
        "miss:pair?s=https%3A%2F%2Fchat.example",
        f"miss:pair?s=https%3A%2F%2Fchat.example&s=https%3A%2F%2Fevil.example&c={CODE}",
        f"miss:pair?s=https%3A%2F%2Fchat.example&c={CODE}&x=1",
        f"miss:pair?s=ftp%3A%2F%2Fchat.example&c={CODE}",
        f"miss:pair?s=javascript%3Aalert(1)&c={CODE}",
        f"miss:pair?s=https%3A%2F%2F&c={CODE}",
        f"miss:pair?s=https%3A%2F%2Fchat.example%3A99999&c={CODE}",
        f"miss:pair?s=https%3A%2F%2Fchat.example%40evil.example&c={CODE}",
        f"miss:pair?s=https%3A%2F%2Fchat.example%3Fx%3D1&c={CODE}",
        f"miss:pair?s=https%3A%2F%2Fchat.example%23x&c={CODE}",
        f"miss:pair?s=https%3A%2F%2Fchat%00.example&c={CODE}",
        f"miss:pair?s=https%3A%2F%2F{'a' * MAX_URI}.example&c={CODE}",
    ],
)
def test_other_texts_are_no_invitation(text: str) -> None:
    with pytest.raises(BadPairingUri) as caught:
        parse_pairing_uri(text)
    assert caught.value.sentence()


def test_a_scanned_code_is_checked_like_a_typed_one() -> None:
    with pytest.raises(BadPairingCode):
        parse_pairing_uri("miss:pair?s=https%3A%2F%2Fchat.example&c=ABCDE")
    with pytest.raises(BadPairingCode):
        compose_pairing_uri("https://chat.example", "ABCDE")
    with pytest.raises(BadPairingUri):
        compose_pairing_uri("chat.example", CODE)


@given(st.text(max_size=200))
def test_any_text_is_an_invitation_or_refused_by_name(text: str) -> None:
    for attempt in (text, f"miss:pair?s={text}&c={CODE}"):
        with suppress(BadPairingUri, BadPairingCode):
            assert "://" in parse_pairing_uri(attempt).server_url


def test_an_answer_is_what_it_says() -> None:
    answer = parse_answer(KEYS, OFFER, ANSWER)
    assert isinstance(answer, Answer)
    assert (answer.root, answer.links) == (OPERATOR.root_public, (ALICE.links[0].to_bytes(),))
