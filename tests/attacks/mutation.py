"""One line of the catalogue, and how it is written down."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from miss.protocol.crypto.chains import Chain
from tests.attacks.forge import Forger
from tests.attacks.middle import Lie
from tests.attacks.plays import Play
from tests.attacks.scene import Scene

Make = Callable[[Scene, Forger], Lie]


@dataclass(frozen=True)
class Mutation:
    """What the server does, while honest people do what."""

    name: str
    play: Play
    lie: Make
    expected: str
    """What the victim notices, as `scene.name_of` puts it, or "raised code"."""
    heals: bool = True
    """Once the server is honest again, everything that was written is shown; False: the altered place stays refused."""
    recovers: bool = True
    """Once the server is honest again, both sides write and read; False: a person has to decide first."""
    reopens: bool = False
    """It is the application, opened anew, that recovers: this one stopped, as protocol §7 wants (4002)."""


class Catalogue(list[Mutation]):
    """Lines in the order they are read."""

    def add(self, name: str, play: Play, expected: str, lie: Make, **options: bool) -> None:
        self.append(Mutation(name, play, lie, expected, **options))

    def line(self, name: str, play: Play, expected: str, **options: bool) -> Callable[[Make], Make]:
        """The same, above the function that makes the lie."""

        def decorate(lie: Make) -> Make:
            self.add(name, play, expected, lie, **options)
            return lie

        return decorate


def chain_of(scene: Scene, name: str) -> Chain:
    """Somebody's true chain."""
    return Forger(scene.place).chain(scene.template.links[name])


Changed = Any
"""Whatever the lie at hand puts in the place of the truth."""
