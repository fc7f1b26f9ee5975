"""What one language has, the other has: modules, functions, errors, caps, types of messages; or it is named here."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import miss.protocol.crypto
from miss.protocol import errors, limits
from miss.protocol.crypto import envelopes
from tests.cross_language.core import CORE, Core

MODULES = sorted(path.stem for path in Path(miss.protocol.crypto.__file__).parent.glob("[a-z]*.py"))

NOT_MIRRORED = {
    "proof": "proofs are verified by the command line",
}
OF_THE_OPERATOR = {
    *("compose_opcert", "verify_opcerts", "countersign", "sign_batch", "stale_members"),
    "compose_restoration",
}
OF_PROOFS = {"key_of", "decrypt_envelope", "message_key", "parse_core", "commit_hash"}
METHODS = {"sign"}
"""A method there: of the signing key."""
OTHERWISE = {"box_info_of"}
"""`boxInfo` takes the hash of the content there."""
NOT_YET = {"root_fingerprint"}
"""libsodium.js has no BLAKE2b of a message with a `person`."""


def exported(module: str) -> set[str]:
    """What a module of the core offers: its functions, classes and constants."""
    text = (CORE / "dist" / f"{module}.d.ts").read_text()
    return set(re.findall(r"^export declare (?:function\*?|class|const) (\w+)", text, re.MULTILINE))


def camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name.rstrip("_"))


def functions(module: str) -> set[str]:
    """The public functions that a module of ours defines."""
    found = import_module(f"miss.protocol.crypto.{module}")
    return {
        name
        for name, value in vars(found).items()
        if not name.startswith("_") and inspect.isfunction(value) and value.__module__ == found.__name__
    }


@pytest.mark.usefixtures("core")
def test_every_function_is_mirrored_in_a_module_of_the_same_name() -> None:
    missing = set()
    for module in (module for module in MODULES if module not in NOT_MIRRORED):
        there = exported(module)
        if module == "pairing":
            there |= exported("pairing-uri")
        ours = functions(module) - OF_THE_OPERATOR - OF_PROOFS - METHODS - OTHERWISE - NOT_YET
        missing |= {f"{module}.{name}" for name in ours if camel(name) not in there}
    assert missing == set()


def test_errors_have_the_same_names_and_codes(core: Core) -> None:
    here = {name: getattr(errors, name).code for name in errors.__all__}
    there = core.get("errorCodes")
    assert there.items() <= here.items()
    # The wire and the exported proof are not mirrored yet.
    not_there = {name for name in here.keys() - there.keys() if "Proof" not in name}
    assert not_there == {"BadFrame", "NotConnected"}


def test_caps_are_the_same(core: Core) -> None:
    here = {name: value for name, value in vars(limits).items() if name.startswith("MAX_")}
    there = core.get("limits")
    assert there.items() <= here.items()
    # The wire's and the server's; and numbers are bounded where they are read.
    wire = {"MAX_PAGE_ITEMS", "MAX_PAGE_BYTES", "MAX_CLIENT_FRAME_BYTES", "MAX_FRAME_BYTES"}
    assert here.keys() - there.keys() == wire | {"MAX_ROTATION_BYTES", "MAX_INTEGER"}


def test_types_of_messages_are_the_same(core: Core) -> None:
    there = core.get("bodyTypes")
    assert len(there) == 8
    assert {name: getattr(envelopes, name) for name in there} == there
