"""Codes, words, vault, rotation, recovery, pairing, statements and safety numbers: each language opens the other's.

Randomness is given to both, so wherever no box is involved they make the same bytes.
"""

from typing import Any

import pytest

from miss.base.text import Language
from miss.protocol.crypto.acknowledgements import parse_acknowledgement, verify_acknowledgement
from miss.protocol.crypto.changes import seal_user_key_for
from miss.protocol.crypto.codes import code_secret, compose_code, format_code, parse_code
from miss.protocol.crypto.keys import UserKey, open_user_key
from miss.protocol.crypto.links import parse_link
from miss.protocol.crypto.pairing import (
    accept_answer,
    compose_offer,
    compose_pairing_uri,
    pairing_keys,
    parse_answer,
    parse_offer,
    parse_pairing_uri,
)
from miss.protocol.crypto.recovery import (
    compose_recovery_code,
    compose_recovery_key,
    recovery_device_keys,
    recovery_did,
    sign_recovery_test,
    unwrap_with_code,
    unwrap_with_passkey,
    unwrap_with_passphrase,
    verify_recovery_test,
    wrap_with_code,
    wrap_with_passkey,
    wrap_with_passphrase,
)
from miss.protocol.crypto.safety import compare_safety, parse_safety_card, safety_words
from miss.protocol.crypto.tombstones import parse_tombstone, verify_tombstone
from miss.protocol.crypto.vault import open_vault_entry, seal_vault_entry
from miss.protocol.crypto.words import compose_passphrase, fold, parse_passphrase, wordlist
from miss.protocol.crypto.wraps import PasskeyParams, parse_wrap
from tests.cross_language.cases import Case, outcome_of
from tests.cross_language.core import Core, plain
from tests.cross_language.personal import (
    NAME,
    Pairing,
    acknowledgement_case,
    answer_case,
    card,
    offer_case,
    safety_case,
    tombstone_case,
    vault_case,
)
from tests.cross_language.world import Drawn, World, link_bytes, user_key_request
from tests.miss.protocol.people import NOW_MS


def both_take(core: Core, case: Case) -> Any:
    """What both sides find in the object of a case."""
    outcome = case.outcome_here(case.data)
    assert outcome.refused is None
    assert case.outcome_there(core, case.data) == outcome
    return outcome.answer


# Codes and words.


def test_codes(core: Core, world: World) -> None:
    for _ in range(20):
        drawn = world.random(17)
        code = compose_code(Drawn(drawn))
        assert core.get("composeCode", random=drawn) == code
        assert core.get("parseCode", text=code) == parse_code(code)
        assert core.get("formatCode", text=parse_code(code)) == code == format_code(parse_code(code))
        assert core.get("codeSecret", text=code) == code_secret(code).hex()
        typed = code.lower().replace("1", "l").replace("0", "o").replace("-", " – ")
        assert core.get("parseCode", text=typed) == parse_code(typed) == parse_code(code)


@pytest.mark.parametrize("language", list(Language))
def test_words(core: Core, world: World, language: Language) -> None:
    assert core.get("wordlist", language=language) == list(wordlist(language))
    for _ in range(20):
        drawn = world.random(11)
        passphrase = compose_passphrase(Drawn(drawn), language)
        assert core.get("composePassphrase", random=drawn, language=language) == passphrase
        for typed in (passphrase, passphrase.upper(), fold(passphrase), f"  {passphrase.replace(' ', ', ')}.\n"):
            assert core.get("parsePassphrase", text=typed) == parse_passphrase(typed) == fold(passphrase)


def test_every_word_is_known_to_both(core: Core) -> None:
    for language in Language:
        words = wordlist(language)
        for start in range(0, len(words), 8):
            typed = " ".join(words[start : start + 8])
            assert core.get("parsePassphrase", text=typed) == parse_passphrase(typed)


# The vault and rotation.


def test_a_vault_entry(core: Core, world: World) -> None:
    assert both_take(core, vault_case(world)) == world.first_es.hex()
    alice, cid, drawn = world.alice, world.first.core.cid, world.random(24)
    place: dict[str, Any] = {"uid": alice.uid, "cid": cid, "epoch": 2**40}
    user_key = user_key_request(alice.user_key)
    made = core.get("sealVaultEntry", user_key=user_key, es=world.second_es, random=drawn, **place)
    sealed = bytes.fromhex(made)
    assert open_vault_entry(alice.user_key, **place, sealed=sealed) == world.second_es
    assert sealed == seal_vault_entry(alice.user_key, **place, es=world.second_es, random_bytes=Drawn(drawn))


def test_a_user_key_sealed_to_every_device(core: Core, world: World) -> None:
    alice, by_did = world.alice, {change.device.did: change.device for change in world.alice.changes}
    generation, secret = alice.user_key.generation, alice.user_key.secret
    request = {"links": link_bytes(alice.links), "user_key": user_key_request(alice.user_key), **world.trust}
    there = [
        (bytes.fromhex(did), bytes.fromhex(box))
        for did, box in core.get("sealUserKeyFor", random=world.random(64 * 3), **request)
    ]
    here = seal_user_key_for(alice.chain, alice.user_key)
    assert [did for did, _ in there] == [did for did, _ in here] == sorted(alice.chain.devices)
    for did, box in here:
        keys = by_did[did].keys
        opened = core.get("openUserKey", data=box, uid=alice.uid, did=did, generation=generation, keys=keys.to_secret())
        assert opened == secret.hex()
    for (did, _), (_, box) in zip(here, there, strict=True):
        assert open_user_key(box, alice.uid, did, generation, by_did[did].keys).secret == secret


# The recovery key.


def test_a_recovery_key_and_its_device(core: Core, world: World) -> None:
    drawn = world.random(49)
    source = Drawn(drawn)
    rk, code = compose_recovery_key(source), compose_recovery_code(source)
    assert core.get("composeRecovery", random=drawn) == {"rk": rk.hex(), "code": code}
    keys, did = recovery_device_keys(rk), recovery_did(rk)
    assert core.get("recoveryDevice", rk=rk) == {"did": did.hex(), "keys": keys.to_secret().hex()}
    signature = sign_recovery_test(keys, did, NOW_MS)
    assert core.get("signRecoveryTest", keys=keys.to_secret(), did=did, ts_ms=NOW_MS) == signature.hex()
    for ts_ms, holds in ((NOW_MS, True), (NOW_MS + 1, False)):
        proof: dict[str, Any] = {"did": did, "ts_ms": ts_ms, "data": signature}
        assert core.get("verifyRecoveryTest", ik=keys.ik_public, **proof) is holds
        assert verify_recovery_test(keys.ik_public, did, ts_ms, signature) is holds


def test_a_recovery_key_under_a_code(core: Core, world: World) -> None:
    rk, uid, drawn = world.random(32), world.alice.uid, world.random(24)
    code = compose_recovery_code(world.random)
    here = wrap_with_code(rk, uid, code, Drawn(drawn))
    made = core.get("wrapWithCode", rk=rk, uid=uid, code=code.lower(), random=drawn)
    assert made == here.to_bytes().hex()
    assert core.get("unwrapWithCode", data=here.to_bytes(), uid=uid, code=code) == rk.hex()
    assert unwrap_with_code(parse_wrap(bytes.fromhex(made)), uid, code) == rk
    assert core.get("parseWrap", data=here.to_bytes()) == plain(here)


@pytest.mark.parametrize("language", list(Language))
def test_a_recovery_key_under_a_passphrase(core: Core, world: World, language: Language) -> None:
    rk, uid, drawn = world.random(32), world.alice.uid, world.random(40)
    passphrase = compose_passphrase(world.random, language)
    here = wrap_with_passphrase(rk, uid, passphrase, Drawn(drawn))
    made = core.get("wrapWithPassphrase", rk=rk, uid=uid, passphrase=fold(passphrase), random=drawn)
    assert made == here.to_bytes().hex()
    typed = passphrase.upper()
    assert core.get("unwrapWithPassphrase", data=here.to_bytes(), uid=uid, passphrase=typed) == rk.hex()
    assert unwrap_with_passphrase(parse_wrap(bytes.fromhex(made)), uid, typed) == rk


def test_a_recovery_key_under_a_passkey(core: Core, world: World) -> None:
    rk, uid, drawn, prf_output = world.random(32), world.alice.uid, world.random(24), world.random(32)
    params = PasskeyParams(world.random(1023), world.random(32))
    here = wrap_with_passkey(rk, uid, params, prf_output, Drawn(drawn))
    made = core.get(
        "wrapWithPasskey",
        rk=rk,
        uid=uid,
        credential_id=params.credential_id,
        prf_salt=params.prf_salt,
        prf_output=prf_output,
        random=drawn,
    )
    assert made == here.to_bytes().hex()
    assert core.get("passkeyParams", data=here.to_bytes()) == plain(here.passkey) == plain(params)
    assert core.get("unwrapWithPasskey", data=here.to_bytes(), uid=uid, prf_output=prf_output) == rk.hex()
    assert unwrap_with_passkey(parse_wrap(bytes.fromhex(made)), uid, prf_output) == rk


# Pairing.


@pytest.mark.parametrize(
    "server",
    ["https://chat.example", "http://127.0.0.1:8000/miss", "https://[::1]:8443/a!b'(c)*d~é/", "HTTPS://a_b.example:/"],
)
def test_a_pairing_uri(core: Core, world: World, server: str) -> None:
    code = compose_code(world.random)
    uri = compose_pairing_uri(server, code)
    assert core.get("composePairingUri", server_url=server, code=code.lower()) == uri
    assert core.get("parsePairingUri", text=f" {uri}\n") == plain(parse_pairing_uri(uri))
    assert parse_pairing_uri(uri).server_url == server


def test_a_pairing_asked_for_here_and_answered_there(core: Core, world: World) -> None:
    pairing = Pairing(world)
    assert core.get("pairingSlot", code=pairing.code) == pairing.keys.slot.hex()
    asked = core.get("parseOffer", code=pairing.code, data=pairing.offer)
    assert asked == plain({"name": NAME, "device": pairing.device.public})
    made = core.get(
        "composeAnswer",
        code=pairing.code,
        offer=pairing.offer,
        link=pairing.link.to_bytes(),
        random=world.random(24),
        **pairing.parts(),
    )
    answer = parse_answer(pairing.keys, pairing.offer, bytes.fromhex(made))
    accepted = accept_answer(answer, pairing.device.public, pairing.device.keys, NOW_MS)
    assert accepted.chain == world.alice.chain
    assert accepted.user_key.secret == world.alice.user_key.secret
    both_take(core, answer_case(pairing, bytes.fromhex(made)))


def test_a_pairing_asked_for_there_and_answered_here(core: Core, world: World) -> None:
    pairing, drawn = Pairing(world), world.random(24)
    made = core.get("composeOffer", code=pairing.code, device=pairing.device.public, name=NAME, random=drawn)
    pairing.offer = bytes.fromhex(made)
    assert pairing.offer == compose_offer(pairing.keys, pairing.device.public, NAME, Drawn(drawn))
    assert parse_offer(pairing_keys(pairing.code), pairing.offer).name == NAME
    there = both_take(core, answer_case(pairing))
    assert there["chain"] == plain(world.alice.chain)
    assert there["userKey"] == world.alice.user_key.secret.hex()
    assert parse_link(bytes.fromhex(there["link"])).core == pairing.link.core


def test_an_offer(core: Core, world: World) -> None:
    assert both_take(core, offer_case(world))["name"] == NAME


# Statements and safety numbers.


def test_a_tombstone(core: Core, world: World) -> None:
    case = tombstone_case(world)
    both_take(core, case)
    both_take(core, tombstone_case(world, world.alice, world.tablet))  # revoked since
    statement = parse_tombstone(case.data)
    made = core.get("composeTombstone", statement=statement, keys=world.bob.device.keys.to_secret())
    assert made == case.data.hex()
    verify_tombstone(statement, world.bob.chain)


def test_an_acknowledgement(core: Core, world: World) -> None:
    case = acknowledgement_case(world)
    both_take(core, case)
    both_take(core, acknowledgement_case(world, world.alice, world.tablet))  # revoked since
    statement = parse_acknowledgement(case.data)
    made = core.get("composeAcknowledgement", statement=statement, keys=world.alice.device.keys.to_secret())
    assert made == case.data.hex()
    verify_acknowledgement(statement, world.alice.chain)


def test_safety_numbers(core: Core, world: World) -> None:
    both_take(core, safety_case(world))
    for sides in ((world.alice, world.bob), (world.bob, world.alice)):
        here = card(world, sides)
        there = core.get("composeSafetyCard", sides=here)
        assert there == {"bytes": here.to_bytes().hex(), "number": here.number.hex()}
        compare_safety(parse_safety_card(bytes.fromhex(there["bytes"])), card(world, sides[::-1]))
        for language in Language:
            words = core.get("safetyWords", number=here.number, language=language)
            assert words == list(safety_words(here.number, wordlist(language)))


@pytest.mark.parametrize("generation", [2, 3])
def test_the_key_that_a_chain_does_not_state_is_not_sealed(core: Core, world: World, generation: int) -> None:
    alice = world.alice
    assert alice.user_key.generation == 3
    other = UserKey(generation, alice.user_key.secret if generation == 2 else world.random(32))
    there = core.ask(
        "sealUserKeyFor",
        links=link_bytes(alice.links),
        user_key=user_key_request(other),
        random=world.random(64 * 3),
        **world.trust,
    )
    here = outcome_of(lambda: seal_user_key_for(alice.chain, other))
    assert (here.refused, there) == ("wrong_user_key", here)
