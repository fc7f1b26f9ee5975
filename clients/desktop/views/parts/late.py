"""Answers of the core that come when whoever asked has left the screen: a page of another language, a closed dialog."""

from collections.abc import Callable
from typing import ParamSpec

from PySide6.QtCore import QObject
from shiboken6 import isValid

P = ParamSpec("P")


def while_there(asker: QObject, then: Callable[P, object]) -> Callable[P, None]:
    """`then`, as long as Qt has not deleted `asker`; afterwards nothing."""

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        if isValid(asker):
            then(*args, **kwargs)

    return call
