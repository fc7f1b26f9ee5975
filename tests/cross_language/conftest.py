"""The built core and a fresh world, once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from miss.base.random import system_random
from tests.cross_language import world as worlds
from tests.cross_language.core import Core, Node, build, find_node, running


@pytest.fixture(scope="session")
def node() -> Node:
    """Node, with the core installed and built."""
    found = find_node()
    build(found)
    return found


@pytest.fixture(scope="session")
def core(node: Node) -> Iterator[Core]:
    """The TypeScript core, ready to be asked."""
    with running(node) as program:
        yield program


@pytest.fixture(scope="session")
def world() -> worlds.World:
    """Keys of the operating system's randomness, new in each run."""
    return worlds.make(system_random)
