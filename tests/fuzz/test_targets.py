"""Hostile bytes never do more than be refused by name, in bounded memory and with bounded work."""

import importlib
import pkgutil
import sys
import tracemalloc
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from random import Random
from types import FrameType, FunctionType
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from miss.protocol.errors import ProtocolError
from miss.protocol.packing import Form
from tests.fuzz.mutations import flooded, mutate, nested, promising
from tests.fuzz.shapes import request_shapes
from tests.fuzz.sheets import EVERY as TARGETS
from tests.fuzz.targets import Target

BASE_BYTES: Final = 256 * 1024
"""What any reading may take besides: keys being expanded, a stack of 64 KiB of nested arrays."""
each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@dataclass(frozen=True)
class Cost:
    """What one reading took."""

    calls: int
    """Functions called, in Python and in C."""
    peak_bytes: int
    accepted: bool


def read(target: Target, data: bytes) -> Cost:
    """Have `data` read; anything but acceptance or one of the target's own refusals fails the test."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    accepted = False
    tracemalloc.start()
    sys.setprofile(count)
    try:
        target.read(data)
        accepted = True
    except target.refusals:
        pass
    finally:
        sys.setprofile(None)
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return Cost(calls, peak_bytes, accepted)


@cache
def warm_up(target: Target) -> None:
    """Have it load what it loads once: lists of words, tables of OpenSSL."""
    read(target, target.samples[0])


def require_bounded(target: Target, data: bytes) -> None:
    """Read, and compare what it took with the length of the input."""
    warm_up(target)
    cost = read(target, data)
    assert cost.calls <= target.base_calls + target.calls_a_byte * len(data)
    assert cost.peak_bytes <= BASE_BYTES + target.amplification * len(data)


def some(variants: Iterable[Iterable[bytes]]) -> list[bytes]:
    """The root of each sample replaced, and thirty of the other variants, always the same."""
    every = [list(of_a_sample) for of_a_sample in variants]
    rest = [variant for of_a_sample in every for variant in of_a_sample[1:]]
    return [of_a_sample[0] for of_a_sample in every if of_a_sample] + Random(0).sample(rest, min(len(rest), 30))


@each_target
def test_genuine_input_is_accepted(target: Target) -> None:
    for sample in target.samples:
        assert read(target, sample).accepted


@each_target
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(seed=st.integers(0, 2**32 - 1))
def test_altered_input(target: Target, seed: int) -> None:
    rng = Random(seed)
    data = mutate(rng.choice(target.samples), rng)
    note(data[:400].hex())
    require_bounded(target, data)


@each_target
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300))
def test_arbitrary_input(target: Target, data: bytes) -> None:
    require_bounded(target, data)


@each_target
def test_a_header_that_promises_four_billion_elements(target: Target) -> None:
    for data in some(promising(sample) for sample in target.samples):
        require_bounded(target, data)


@each_target
def test_as_many_elements_as_a_frame_has_bytes(target: Target) -> None:
    for data in some(flooded(sample, 60_000) for sample in target.samples):
        require_bounded(target, data)


@each_target
def test_arrays_inside_arrays(target: Target) -> None:
    require_bounded(target, b"\x91" * 60_000)
    for data in some(nested(sample, 60_000) for sample in target.samples):
        require_bounded(target, data)


def test_more_than_an_object_may_have_is_not_looked_at() -> None:
    forms = [form for _, form in _parsers("miss.protocol") if isinstance(form, Form)]
    assert len(forms) > 15
    for form in forms:
        with pytest.raises(ProtocolError) as refused:
            form.parse(b"\0" * 9_000_000)
        assert refused.value.params["reason"] == "too_long"


def test_every_parser_is_a_target() -> None:
    covered = {id(parser) for target in TARGETS for parser in target.parsers}
    found = dict(_parsers("miss.protocol")) | {
        name: parser for name, parser in _parsers("miss.chat") if not isinstance(parser, Form)
    }
    assert len(found) > 15, "the parsers are found"
    assert [name for name, parser in found.items() if id(parser) not in covered] == []


def _parsers(package: str) -> list[tuple[str, Any]]:
    """Every `parse_…` that a module defines, and every form of a packed object."""
    root = importlib.import_module(package)
    modules = [importlib.import_module(info.name) for info in pkgutil.walk_packages(root.__path__, f"{package}.")]
    return [
        (f"{module.__name__}.{name}", value)
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Form)
        or (isinstance(value, FunctionType) and name.startswith("parse_") and value.__module__ == module.__name__)
    ]


def test_every_body_of_the_chat_is_a_target() -> None:
    covered = {parser for target in TARGETS for parser in target.parsers if isinstance(parser, type)}
    assert len(covered) >= 4
    assert covered == {shape for shape, _ in request_shapes()}
