"""Spelling in the field where one writes: underlined, with suggestions in the menu.  ADR 57

The dictionary is the machine's, through Enchant, and read once the first word is written; without Enchant, or
without a dictionary of the language, nothing is underlined.  Nothing of what is written is kept by it.
"""

import importlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QMenu, QPlainTextEdit

from clients.desktop.state.spelling import plain, words_of
from clients.desktop.views.theme import colours
from clients.desktop.words import _
from miss.base.text import Language

_TAGS: Final = {Language.FR: ("fr_FR", "fr"), Language.EN: ("en_GB", "en_US", "en")}
SUGGESTIONS: Final = 5


@lru_cache(maxsize=1)
def _broker() -> Any:
    """Enchant's; None if this machine lacks the package, or Enchant itself."""
    try:
        return importlib.import_module("enchant").Broker()
    except ImportError:
        return None


@lru_cache(maxsize=len(_TAGS))
def _tag(language: Language) -> str | None:
    broker = _broker()
    return next((one for one in _TAGS[language] if broker is not None and broker.dict_exists(one)), None)


def is_possible(language: Language) -> bool:
    """Whether this machine has a dictionary of that language; it is not read for this."""
    return _tag(language) is not None


@lru_cache(maxsize=len(_TAGS))
def _dictionary(language: Language) -> Any:
    """Read, which takes a tenth of a second and some megabytes; None if there is none."""
    tag = _tag(language)
    return None if tag is None else _broker().request_dict(tag)


@dataclass(frozen=True, slots=True)
class Speller:
    """A language, and the words that this person has added to it."""

    language: Language
    own: frozenset[str]

    def knows(self, word: str) -> bool:
        """True as well if there is no dictionary to ask."""
        found = _dictionary(self.language)
        return found is None or word in self.own or bool(found.check(plain(word)))

    def suggest(self, word: str) -> list[str]:
        """What may have been meant, the likeliest first."""
        found = _dictionary(self.language)
        return [] if found is None else list(found.suggest(plain(word)))[:SUGGESTIONS]


class Spelling(QSyntaxHighlighter):
    """Underlines what a dictionary does not know, but not the word that is being written."""

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, field: QPlainTextEdit) -> None:
        super().__init__(field.document())
        self._field = field
        self._speller: Speller | None = None
        self._left: QTextBlock | None = None
        field.cursorPositionChanged.connect(self._moved)

    def follow(self, speller: Speller | None) -> None:
        """Ask this one from now on; None: nobody."""
        if speller != self._speller:
            self._speller = speller
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:  # noqa: N802  # Qt's name
        if self._speller is None:
            return
        cursor = self._field.textCursor()
        here = cursor.positionInBlock() if cursor.block() == self.currentBlock() else -1
        wrong = QTextCharFormat()
        wrong.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SpellCheckUnderline)
        wrong.setUnderlineColor(QColor(colours().danger))
        for place, word in words_of(text):
            begin, count = _units(text[:place]), _units(word)
            is_being_written = begin + count == here and self._field.hasFocus()
            if not is_being_written and not self._speller.knows(word):
                self.setFormat(begin, count, wrong)

    def _moved(self) -> None:
        """What was being written is written."""
        before, self._left = self._left, self._field.textCursor().block()
        if self._speller is not None and before is not None and before.isValid():
            self.rehighlightBlock(before)

    def offer(self, menu: QMenu, cursor: QTextCursor) -> None:
        """Put what may be done about the word at `cursor` above the acts of a menu, which has some."""
        if self._speller is None or (found := _word_at(cursor)) is None:
            return
        selected, word = found
        first = menu.actions()[0]
        if word in self._speller.own:
            forget = menu.addAction(_("Retirer « {word} » du dictionnaire").format(word=word))
            forget.triggered.connect(lambda _checked=False: self.removed.emit(word))
            acts = [forget]
        elif self._speller.knows(word):
            return
        else:
            acts = []
            for one in self._speller.suggest(word):
                take = menu.addAction(one)
                take.triggered.connect(lambda _checked=False, one=one: selected.insertText(one))
                acts.append(take)
            add = menu.addAction(_("Ajouter « {word} » au dictionnaire").format(word=word))
            add.triggered.connect(lambda _checked=False: self.added.emit(word))
            acts.append(add)
        menu.insertActions(first, acts)
        menu.insertSeparator(first)


def _word_at(cursor: QTextCursor) -> tuple[QTextCursor, str] | None:
    """The word in which a cursor stands, selected; None if in none."""
    block, here = cursor.block(), cursor.positionInBlock()
    for place, word in words_of(block.text()):
        begin, count = _units(block.text()[:place]), _units(word)
        if begin <= here <= begin + count:
            selected = QTextCursor(block)
            selected.setPosition(block.position() + begin)
            selected.setPosition(block.position() + begin + count, QTextCursor.MoveMode.KeepAnchor)
            return selected, word
    return None


def _units(text: str) -> int:
    """Its length as Qt counts: in units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2
