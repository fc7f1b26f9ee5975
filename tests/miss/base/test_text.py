"""Languages."""

import pytest

from miss.base.text import Language, Text, choose_language, typeset_french


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.FR),
        ("", Language.FR),
        ("en", Language.EN),
        ("en-GB,en;q=0.9,fr;q=0.8", Language.EN),
        ("fr-FR,fr;q=0.9,en;q=0.8", Language.FR),
        ("de, en;q=0.5, fr;q=0.7", Language.FR),
        ("de", Language.FR),
        ("en;q=0, fr", Language.FR),
        ("en;q=abc", Language.FR),
        (",;q=,=", Language.FR),
    ],
)
def test_the_browser_chooses_among_ours(header: str | None, language: Language) -> None:
    assert choose_language(header) is language


def test_a_sentence_is_filled_in_either_language() -> None:
    text = Text(fr="Il reste {tries_left} essais.", en="{tries_left} tries left.")
    assert text.in_(Language.FR, tries_left=2) == "Il reste 2 essais."
    assert text.in_(Language.EN, tries_left=2) == "2 tries left."
    with pytest.raises(KeyError):
        text.in_(Language.FR)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("À faire : « lire » ; puis ? Oui !", "À faire~: «~lire~»~; puis~? Oui~!"),
        ("{count} réponses : %(name)s", "{count} réponses~: %(name)s"),
        ("Numéro :", "Numéro~:"),
        ("14:30, a ?b=1, :-)", "14:30, a ?b=1,~:-)"),
        ("une phrase simple", "une phrase simple"),
    ],
)
def test_french_marks_keep_to_their_word(typed: str, shown: str) -> None:
    assert typeset_french(typed) == shown.replace("~", "\N{NO-BREAK SPACE}")
    assert typeset_french(typeset_french(typed)) == typeset_french(typed)
