"""Samples of what belongs to one person or one message: vault, recovery, pairing, safety, deletion, acknowledgement.

Everything is made with fixed randomness but the box of the user key, which is given.
"""

from typing import Any

from miss.base.ids import ConversationId
from miss.base.text import Language
from miss.protocol.crypto.acknowledgements import compose_acknowledgement
from miss.protocol.crypto.changes import compose_add
from miss.protocol.crypto.codes import code_secret
from miss.protocol.crypto.pairing import (
    compose_answer,
    compose_offer,
    compose_pairing_code,
    compose_pairing_uri,
    pairing_keys,
)
from miss.protocol.crypto.recovery import (
    compose_recovery_code,
    compose_recovery_key,
    recovery_device_keys,
    recovery_did,
    sign_recovery_test,
    wrap_with_code,
    wrap_with_passkey,
    wrap_with_passphrase,
)
from miss.protocol.crypto.safety import compose_safety_card, safety_words
from miss.protocol.crypto.tombstones import compose_tombstone
from miss.protocol.crypto.vault import seal_vault_entry
from miss.protocol.crypto.words import compose_passphrase, fold, wordlist
from miss.protocol.crypto.wraps import PasskeyParams
from tests.miss.protocol.people import ALICE, BOB, BY_DEVICE, NOW_MS, OPERATOR, Stream, new_device

CID = ConversationId(b"\x05" * 32)
ES = b"\x06" * 32
ENV_HASH = b"\x07" * 32
NAME = "Téléphone de garde"
SERVER = "https://chat.example:8443/miss"
TABLET, TABLET_KEYS = new_device(0x50)


def vault() -> dict[str, Any]:
    sealed = seal_vault_entry(ALICE.user_key, ALICE.uid, CID, 3, ES, Stream("vault"))
    return {"cid": CID.hex(), "epoch": 3, "es": ES.hex(), "sealed": sealed.hex()}


def recovery() -> dict[str, Any]:
    rk = compose_recovery_key(Stream("rk"))
    did, keys = recovery_did(rk), recovery_device_keys(rk)
    code = compose_recovery_code(Stream("recovery code"))
    passphrase = compose_passphrase(Stream("passphrase"))
    english = compose_passphrase(Stream("passphrase"), Language.EN)
    params, prf_output = PasskeyParams(b"credential", b"\x08" * 32), b"\x09" * 32
    wraps = {
        "code": wrap_with_code(rk, ALICE.uid, code, Stream("wrap 1")),
        "passphrase": wrap_with_passphrase(rk, ALICE.uid, passphrase, Stream("wrap 2")),
        "passphrase_en": wrap_with_passphrase(rk, ALICE.uid, english, Stream("wrap 3")),
        "passkey": wrap_with_passkey(rk, ALICE.uid, params, prf_output, Stream("wrap 4")),
    }
    return {
        "rk": rk.hex(),
        "did": did.hex(),
        "device_secret": keys.to_secret().hex(),
        "code": code,
        "code_secret": code_secret(code).hex(),
        "passphrase": passphrase,
        "passphrase_folded": fold(passphrase),
        "passphrase_en": english,
        "credential_id": params.credential_id.hex(),
        "prf_salt": params.prf_salt.hex(),
        "prf_output": prf_output.hex(),
        "wraps": {name: wrap.to_bytes().hex() for name, wrap in wraps.items()},
        "test": {"ts": NOW_MS, "sig": sign_recovery_test(keys, did, NOW_MS).hex()},
    }


def pairing(user_key_box: bytes) -> dict[str, Any]:
    """`user_key_box`: Alice's user key, sealed to the tablet."""
    code = compose_pairing_code(Stream("pairing code"))
    keys = pairing_keys(code)
    offer = compose_offer(keys, TABLET, NAME, Stream("offer"))
    link = compose_add(ALICE.chain, device=TABLET, by=ALICE.did, by_keys=ALICE.keys, proof=BY_DEVICE, ts_ms=NOW_MS)
    answer = compose_answer(
        keys,
        offer,
        root=OPERATOR.root_public,
        opcerts=[OPERATOR.cert().raw],
        links=[sent.to_bytes() for sent in ALICE.links],
        link=link,
        user_key_box=user_key_box,
        random_bytes=Stream("answer"),
    )
    return {
        "code": code,
        "uri": compose_pairing_uri(SERVER, code),
        "server_url": SERVER,
        "slot": keys.slot.hex(),
        "key": keys.key.hex(),
        "device_secret": TABLET_KEYS.to_secret().hex(),
        "did": TABLET.did.hex(),
        "name": NAME,
        "user_key_box": user_key_box.hex(),
        "offer": offer.hex(),
        "answer": answer.hex(),
    }


def statements() -> dict[str, Any]:
    seq = 12
    return {
        "cid": CID.hex(),
        "seq": seq,
        "env_hash": ENV_HASH.hex(),
        "tombstone": compose_tombstone(
            cid=CID, seq=seq, env_hash=ENV_HASH, uid=BOB.uid, did=BOB.did, ts_ms=NOW_MS, ik=BOB.keys.ik
        ).raw.hex(),
        "acknowledgement": compose_acknowledgement(
            cid=CID, seq=seq, env_hash=ENV_HASH, uid=ALICE.uid, did=ALICE.did, ts_ms=NOW_MS, ik=ALICE.keys.ik
        ).raw.hex(),
    }


def safety() -> dict[str, Any]:
    card = compose_safety_card(ALICE.uid, ALICE.chain.head, BOB.uid, BOB.chain.head)
    return {
        "card_of_alice": card.to_bytes().hex(),
        "card_of_bob": compose_safety_card(BOB.uid, BOB.chain.head, ALICE.uid, ALICE.chain.head).to_bytes().hex(),
        "number": card.number.hex(),
        "words": {language.value: list(safety_words(card.number, wordlist(language))) for language in Language},
    }
