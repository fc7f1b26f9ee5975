"""Underlined where it is wrong, by the dictionaries of Debian; put right, and added, from the menu."""

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from clients.desktop.state.model import Settings
from clients.desktop.views.dialogs.settings import SettingsDialog
from clients.desktop.views.parts import spelling
from clients.desktop.views.parts.composer import Composer
from clients.desktop.words import speak
from miss.base.text import Language
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop


def forget_dictionaries() -> None:
    """As when the program starts."""
    for one in (spelling._dictionary, spelling._tag, spelling._broker):
        one.cache_clear()


@pytest.fixture
def composer(app: QApplication) -> Iterator[Composer]:
    speak(Language.FR)
    made = Composer()
    made.show()
    made.follow(Settings())
    yield made
    speak(Language.FR)
    made.deleteLater()


@pytest.fixture
def no_enchant(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    forget_dictionaries()
    monkeypatch.setitem(sys.modules, "enchant", None)
    yield
    forget_dictionaries()


def underlined(composer: Composer) -> list[str]:
    """The words under which there is a wave, by the places that Qt keeps."""
    block, found = composer.field.document().begin(), []
    while block.isValid():
        units = block.text().encode("utf-16-le")
        for one in block.layout().formats():
            assert one.format.underlineStyle() == QTextCharFormat.UnderlineStyle.SpellCheckUnderline
            place, length = 2 * one.start, 2 * one.length
            found.append(units[place : place + length].decode("utf-16-le"))
        block = block.next()
    return found


def menu_at(composer: Composer, word: str) -> tuple[QMenu, list[str]]:
    """What is offered about a word."""
    field, menu = composer.field, QMenu()
    cursor = field.document().find(word)
    assert not cursor.isNull()
    cursor.setPosition(cursor.selectionStart() + 1)
    menu.addAction("Coller")
    field.spelling.offer(menu, cursor)
    return menu, [one.text() for one in menu.actions() if one.text()]


def test_what_the_dictionary_does_not_know_is_underlined(composer: Composer) -> None:
    composer.field.setPlainText("L’ulcère 😀 est propore, HTA à 14h30.\nAujourd’hui la plaie est croutteuse ")
    assert underlined(composer) == ["propore", "croutteuse"]
    composer.follow(Settings(own_words=("propore",)))
    assert underlined(composer) == ["croutteuse"]
    composer.follow(Settings(spelling=False))
    assert underlined(composer) == []


def test_the_word_that_is_being_written_is_left_alone(composer: Composer) -> None:
    field = composer.field
    field.activateWindow()
    field.setFocus()
    QApplication.processEvents()
    assert field.hasFocus()
    QTest.keyClicks(field, "La plaai")
    assert underlined(composer) == []
    QTest.keyClicks(field, " est")
    assert underlined(composer) == ["plaai"]
    QTest.keyClicks(field, " prporo")
    assert underlined(composer) == ["plaai"]
    field.moveCursor(field.textCursor().MoveOperation.Start)
    assert underlined(composer) == ["plaai", "prporo"]


def test_the_language_is_the_windows(composer: Composer) -> None:
    composer.field.setPlainText("The wound is clean; la plaie est propre.")
    assert "wound" in underlined(composer)
    speak(Language.EN)
    composer.follow(Settings())
    assert "plaie" in underlined(composer)
    assert "wound" not in underlined(composer)


def test_a_suggestion_takes_its_place_and_nothing_else_moves(composer: Composer) -> None:
    composer.field.setPlainText("😀 Un ulcere de jambe.")
    menu, texts = menu_at(composer, "ulcere")
    assert texts[0] == "ulcère"
    assert texts[-2:] == ["Ajouter «\u00a0ulcere\u00a0» au dictionnaire", "Coller"]
    menu.actions()[0].trigger()
    assert composer.field.toPlainText() == "😀 Un ulcère de jambe."
    assert underlined(composer) == []
    assert menu_at(composer, "jambe")[1] == ["Coller"], "what is right has nothing to be offered"
    composer.field.undo()
    assert composer.field.toPlainText() == "😀 Un ulcere de jambe."


def test_underlining_is_not_writing(composer: Composer) -> None:
    composer.load("Un ulcere", False)
    said: list[object] = []
    composer.typing.connect(said.append)
    composer.kept.connect(lambda *words: said.append(words))
    composer.follow(Settings(own_words=("ulcere",)))
    composer.follow(Settings())
    assert underlined(composer) == ["ulcere"]
    composer.keep_pending()
    assert said == [], "nobody is told that somebody writes, and nothing is to be kept"


def test_without_enchant_nothing_is_underlined(no_enchant: None, composer: Composer, scene: Scene) -> None:
    composer.field.setPlainText("Un ulcere")
    assert underlined(composer) == []
    assert menu_at(composer, "ulcere")[1] == ["Coller"]
    dialog = SettingsDialog(scene.desktop, scene.window)
    assert not dialog.spelling.isEnabled()
    dialog.reject()


def test_a_word_of_ones_own_is_kept_for_this_account(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    _paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    scene.desktop.choose(cid)
    scene.until(lambda: scene.desktop.state.thread)
    composer = scene.window.work.pane.composer
    composer.field.setPlainText("Voir Kaplanowitch demain")
    assert underlined(composer) == ["Kaplanowitch"]
    menu, texts = menu_at(composer, "Kaplanowitch")
    place = texts.index("Ajouter «\u00a0Kaplanowitch\u00a0» au dictionnaire")
    menu.actions()[place].trigger()
    scene.until(lambda: underlined(composer) == [])
    assert scene.desktop.state.settings.own_words == ("Kaplanowitch",)
    menu, texts = menu_at(composer, "Kaplanowitch")
    assert texts == ["Retirer «\u00a0Kaplanowitch\u00a0» du dictionnaire", "Coller"]
    menu.actions()[0].trigger()
    scene.until(lambda: underlined(composer) == ["Kaplanowitch"])
    assert not scene.desktop.state.settings.own_words
