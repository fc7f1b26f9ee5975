"""Codes, wraps, vault entries, statements and cards that do not hold: refused on both sides alike."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from miss.base.ids import AccountId
from miss.base.text import Language
from miss.protocol.crypto.codes import code_secret, compose_code, parse_code
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.pairing import (
    parse_pairing_code,
)
from miss.protocol.crypto.primitives import derive, domain, seal
from miss.protocol.crypto.recovery import (
    parse_recovery_code,
    recovery_did,
    unwrap_with_passphrase,
    wrap_with_code,
    wrap_with_passkey,
    wrap_with_passphrase,
)
from miss.protocol.crypto.tombstones import compose_tombstone, parse_tombstone
from miss.protocol.crypto.vault import open_vault_entry
from miss.protocol.crypto.words import compose_passphrase, parse_passphrase, wordlist
from miss.protocol.crypto.wraps import PasskeyParams, parse_wrap, parse_wraps
from miss.protocol.packing import pack
from tests.cross_language.cases import Case, both_refuse, outcome_of
from tests.cross_language.core import Core, Outcome
from tests.cross_language.personal import (
    acknowledgement_case,
    card,
    code_wrap_case,
    passkey_wrap_case,
    safety_case,
    tombstone_case,
    vault_case,
)
from tests.cross_language.world import Person, World

CODE = "0123456789ABCDEFGHJKMNPQRS"


# What people type.

SEPARATORS = [chr(code) for code in range(0x3100) if chr(code).isspace()]
DASHES = "-‐‑‒–—―⸺〜﹘﹣－"
WRONG_CODES = [
    "",
    " ",
    CODE[:25],
    CODE + "0",
    CODE + " 0",
    "U" + CODE[1:],
    CODE[:25] + "u",
    CODE[:12] + "é" + CODE[13:],
]
WRONG_CODES += [
    CODE[:25] + "🩺",
    "\ufeff" + CODE,
    CODE[:3] + "_" + CODE[3:],
    CODE[:25] + "𝟎",
    CODE[:25] + "İ",
    CODE[:25] + "ı",
]


@pytest.mark.parametrize("separator", [*SEPARATORS, *DASHES], ids=lambda character: f"U+{ord(character):04X}")
def test_what_separates_the_characters_of_a_code(core: Core, separator: str) -> None:
    typed = separator + separator.join(CODE)
    assert core.get("parseCode", text=typed) == parse_code(typed) == CODE


@pytest.mark.parametrize("typed", WRONG_CODES)
@pytest.mark.parametrize(
    ("do", "parse", "code"),
    [
        ("parseCode", parse_code, "bad_code"),
        ("codeSecret", code_secret, "bad_code"),
        ("parseRecoveryCode", parse_recovery_code, "bad_recovery_code"),
        ("parsePairingCode", parse_pairing_code, "bad_pairing_code"),
    ],
)
def test_codes(core: Core, do: str, parse: Callable[[str], object], code: str, typed: str) -> None:
    here = outcome_of(partial(parse, typed))
    assert here.position is not None
    assert (here.refused, core.ask(do, text=typed)) == (code, here)


FRENCH, ENGLISH = (" ".join(wordlist(language)[:8]) for language in Language)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        FRENCH.rsplit(" ", 1)[0],
        f"{FRENCH} abaisser",
        f"{FRENCH} nulle",
        f"nulle {FRENCH}",
        FRENCH.replace("abeille", "abeile"),
        " ".join([*FRENCH.split()[:4], *ENGLISH.split()[:4]]),
        " ".join([*ENGLISH.split()[:4], *FRENCH.split()[:4]]),
        f"{FRENCH} {'a' * 2000}",
        "é" * 1024 + FRENCH,
        f"{'🩺' * 1020}abaisser",
    ],
)
def test_passphrases(core: Core, typed: str) -> None:
    here = outcome_of(lambda: parse_passphrase(typed))
    assert here.position is not None
    assert (here.refused, core.ask("parsePassphrase", text=typed)) == ("bad_recovery_passphrase", here)


# Vault and wraps.


@pytest.mark.parametrize(
    "build",
    [
        lambda world: vault_case(world, epoch=4),
        lambda world: _vault(world, uid=world.bob.uid),
        lambda world: _vault(world, cid=bytes(32)),
        lambda world: _vault(world, user_key={"generation": 9, "secret": world.alice.user_key.secret}),
        lambda world: _vault(world, user_key={"generation": 3, "secret": bytes(32)}),
    ],
    ids=["epoch", "person", "conversation", "generation", "key"],
)
def test_a_vault_entry_of_something_else(core: Core, world: World, build: Callable[[World], Case]) -> None:
    case = build(world)
    there = case.outcome_there(core, case.data)
    assert there.refused == "vault_entry_unreadable"
    assert case.outcome_here(case.data) == there


def _vault(world: World, **fields: Any) -> Case:
    case = vault_case(world)
    request = {**case.request, **fields}
    key = UserKey(request["user_key"]["generation"], request["user_key"]["secret"])
    return replace(
        case,
        request=request,
        here=lambda data: open_vault_entry(key, request["uid"], request["cid"], request["epoch"], data),
    )


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_vault_entry_of_another_size(core: Core, world: World, size: int) -> None:
    """Sealed under the right key: by a program that is wrong."""
    case, key, cid = vault_case(world), world.alice.user_key, world.first.core.cid
    ad = domain("vault-entry") + world.alice.uid + cid + (3).to_bytes(8, "big") + key.generation.to_bytes(8, "big")
    for length, code in ((32, None), (size, "vault_entry_unreadable")):
        entry = seal(derive(key.secret, "vault", cid), bytes(length), ad, world.random)
        here = case.outcome_here(entry)
        assert (here.refused, case.outcome_there(core, entry)) == (code, here)


def _wrap(method: str, params: object, size: int = 72) -> bytes:
    return pack([1, method, pack(params), bytes(size)])


MEBIBYTE = 1024 * 1024
WRAPS = {
    "nothing": b"",
    "another version": pack([2, "code", pack([]), bytes(72)]),
    "another method": _wrap("pin", []),
    "a code with a parameter": _wrap("code", [1]),
    "a map": pack([1, "code", b"\x80", bytes(72)]),
    "no parameters": pack([1, "code", b"", bytes(72)]),
    "parameters twice": pack([1, "code", b"\x90\x90", bytes(72)]),
    "a secret too short": _wrap("code", [], 71),
    "a secret too long": _wrap("code", [], 73),
    "too many operations": _wrap("passphrase", [bytes(16), 11, 64 * MEBIBYTE]),
    "too much memory": _wrap("passphrase", [bytes(16), 3, 256 * MEBIBYTE + 1]),
    "too few operations": _wrap("passphrase", [bytes(16), 2, 64 * MEBIBYTE]),
    "too little memory": _wrap("passphrase", [bytes(16), 3, 64 * MEBIBYTE - 1]),
    "too few operations, too much memory": _wrap("passphrase", [bytes(16), 1, 2**52]),
    "a number too large": _wrap("passphrase", [bytes(16), 2**53, 64 * MEBIBYTE]),
    "salt too short": _wrap("passphrase", [bytes(15), 3, 64 * MEBIBYTE]),
    "no passkey": _wrap("passkey", [b"", bytes(32)]),
    "a passkey's name too long": _wrap("passkey", [bytes(1024), bytes(32)]),
    "a passkey's salt too short": _wrap("passkey", [b"id", bytes(31)]),
    "far too long": _wrap("passkey", [bytes(2048), bytes(32)]),
}


@pytest.mark.parametrize("name", WRAPS)
def test_wraps(core: Core, name: str) -> None:
    case = Case(WRAPS[name], "parseWrap", {}, parse_wrap)
    outcome = both_refuse(core, case)
    assert outcome.refused in ("bad_wrap", "wrap_too_costly", "unsupported_version")
    assert (outcome.refused == "wrap_too_costly") == ("too much" in name or "too many" in name)


CODED, PASSKEY, PASSPHRASE = (
    _wrap("code", []),
    _wrap("passkey", [b"id", bytes(32)]),
    _wrap("passphrase", [bytes(16), 10, 256 * MEBIBYTE]),
)


@pytest.mark.parametrize(
    ("raws", "why"),
    [
        ([], "count"),
        ([PASSKEY] * 8, "count"),
        ([PASSKEY] * 6, "passkey"),
        ([CODED] * 2, "code"),
        ([PASSPHRASE] * 2, "passphrase"),
        ([PASSKEY, b"\x90"], "malformed"),
        ([PASSKEY] * 5 + [CODED, PASSPHRASE], None),
        ([CODED], None),
    ],
)
def test_wraps_together(core: Core, raws: list[bytes], why: str | None) -> None:
    here = outcome_of(lambda: parse_wraps(raws))
    assert core.ask("parseWraps", wraps=raws) == here
    assert here.refused == ("bad_wrap" if why else None)


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda world: code_wrap_case(world, uid=world.bob.uid), "wrong_recovery_secret"),
        (lambda world: code_wrap_case(world, code=compose_code(world.random)), "wrong_recovery_secret"),
        (lambda world: code_wrap_case(world, code="U"), "bad_recovery_code"),
        (lambda world: replace(code_wrap_case(world), data=passkey_wrap_case(world).data), "wrong_recovery_method"),
        (lambda world: replace(passkey_wrap_case(world), data=code_wrap_case(world).data), "wrong_recovery_method"),
        (lambda world: passkey_wrap_case(world, prf_output=world.random(32)), "wrong_recovery_secret"),
        (lambda world: passkey_wrap_case(world, prf_output=world.random(31)), "bad_key"),
    ],
)
def test_a_recovery_key_that_does_not_open(core: Core, world: World, build: Callable[[World], Case], code: str) -> None:
    assert both_refuse(core, build(world)).refused == code


def test_a_passphrase_that_does_not_open(core: Core, world: World) -> None:
    right, wrong, uid = compose_passphrase(world.random), compose_passphrase(world.random), world.alice.uid
    wrap = wrap_with_passphrase(world.random(32), uid, right, world.random).to_bytes()
    coded = code_wrap_case(world).data
    for data, typed, code in (
        (wrap, wrong, "wrong_recovery_secret"),
        (wrap, "abaisser", "bad_recovery_passphrase"),
        (coded, right, "wrong_recovery_method"),
    ):
        assert both_refuse(core, _passphrase_case(data, uid, typed)).refused == code


def _passphrase_case(data: bytes, uid: AccountId, typed: str) -> Case:
    return Case(
        data,
        "unwrapWithPassphrase",
        {"uid": uid, "passphrase": typed},
        lambda data: unwrap_with_passphrase(parse_wrap(data), uid, typed),
    )


def test_a_recovery_key_that_is_not_wrapped(core: Core, world: World) -> None:
    uid, code, rk, random = world.alice.uid, compose_code(world.random), bytes(32), world.random
    drawn: dict[str, Any] = {"uid": uid, "random": bytes(64)}
    passkey = {"credential_id": bytes(1024), "prf_salt": bytes(32), "prf_output": bytes(32)}
    named = PasskeyParams(bytes(1024), bytes(32))
    outcomes: list[tuple[Outcome, Callable[[], object]]] = [
        (core.ask("recoveryDevice", rk=bytes(31)), partial(recovery_did, bytes(31))),
        (
            core.ask("wrapWithCode", rk=bytes(31), code=code, **drawn),
            partial(wrap_with_code, bytes(31), uid, code, random),
        ),
        (core.ask("wrapWithCode", rk=rk, code="U", **drawn), partial(wrap_with_code, rk, uid, "U", random)),
        (
            core.ask("wrapWithPassphrase", rk=rk, passphrase="non", **drawn),
            partial(wrap_with_passphrase, rk, uid, "non", random),
        ),
        (
            core.ask("wrapWithPasskey", rk=rk, **passkey, **drawn),
            partial(wrap_with_passkey, rk, uid, named, bytes(32), random),
        ),
    ]
    for there, make in outcomes:
        here = outcome_of(make)
        assert here.refused
        assert there == here


# Statements and safety cards.


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda world: tombstone_case(world, reader=world.alice), "tombstone_forged"),
        (lambda world: tombstone_case(world, world.bob, world.alice.device), "tombstone_forged"),
        (lambda world: tombstone_case(world, world.bob, world.alice.device, world.alice), "tombstone_forged"),
        (lambda world: tombstone_case(world, world.alice, world.alice.changes[2].device), "tombstone_forged"),
        (
            lambda world: replace(tombstone_case(world), data=acknowledgement_case(world, world.bob).data),
            "tombstone_forged",
        ),
        (lambda world: acknowledgement_case(world, world.bob, world.alice.device), "acknowledgement_forged"),
        (lambda world: acknowledgement_case(world, device=world.alice.changes[2].device), "acknowledgement_forged"),
        (
            lambda world: replace(acknowledgement_case(world, world.bob), data=tombstone_case(world).data),
            "acknowledgement_forged",
        ),
        (lambda world: replace(tombstone_case(world), data=b"\x90"), "bad_tombstone"),
        (lambda world: replace(acknowledgement_case(world), data=bytes(1025)), "bad_acknowledgement"),
        (lambda world: replace(tombstone_case(world), data=world.read.raw), "tombstone_forged"),
    ],
)
def test_statements(core: Core, world: World, build: Callable[[World], Case], code: str) -> None:
    assert both_refuse(core, build(world)).refused == code


@pytest.mark.parametrize("seq", [0, 2**53])
def test_a_statement_about_nothing_is_not_made(core: Core, world: World, seq: int) -> None:
    said = parse_tombstone(tombstone_case(world).data)
    keys = world.bob.device.keys
    there = core.ask("composeTombstone", statement=replace(said, seq=seq), keys=keys.to_secret())
    fields: dict[str, Any] = {name: getattr(said, name) for name in ("cid", "env_hash", "uid", "did", "ts_ms")}
    here = outcome_of(lambda: compose_tombstone(seq=seq, **fields, ik=keys.ik))
    assert (here.refused, there) == ("bad_tombstone", here)


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda world: safety_case(world, card(world)), "persons"),
        (lambda world: safety_case(world, card(world, (world.bob, world.carol))), "persons"),
        (lambda world: safety_case(world, card(world, (world.carol, world.alice))), "persons"),
        (lambda world: safety_case(world, card(world, (world.bob, _before(world)))), "devices"),
    ],
)
def test_safety_cards(core: Core, world: World, build: Callable[[World], Case], why: str) -> None:
    outcome = both_refuse(core, build(world))
    assert (outcome.refused, outcome.why) == ("safety_mismatch", why)


def _before(world: World) -> Person:
    """Alice before her last link."""
    older = replace(world.alice, links=world.alice.links[:-1])
    assert older.chain.head != world.alice.chain.head
    return older
