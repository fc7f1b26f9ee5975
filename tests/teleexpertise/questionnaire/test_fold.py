import pytest

from teleexpertise.questionnaire.fold import fold, keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Œil rouge", "OEIL  ROUGE"),
        ("Évolution récente", "evolution recente"),
        ("E\u0301volution", "Évolution"),
        ("> 50 nævus", ">50 naevus"),
        ("l’éruption", "L'éruption"),
        ("24\u00a0h\u202fouvrées", "24 h ouvrées"),
        ("2–7 j", "2-7 j"),
        ("≤ 72 h", "<= 72 h"),
    ],
)
def test_typography_does_not_matter(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_words_that_differ_stay_apart() -> None:
    assert len({fold("< 48 h"), fold("> 48 h"), fold("4 8 jours"), fold("PAS"), fold("PAD")}) == 5


def test_keys_shorten_from_the_end() -> None:
    assert keys("Plus grand diamètre (mm) *") == (
        "plusgranddiametre(mm)*",
        "plusgranddiametre(mm)",
        "plusgranddiametre",
    )
    assert keys("Faut-il voir le patient ?") == ("faut-ilvoirlepatient?", "faut-ilvoirlepatient")
    assert keys("(mm)") == ("(mm)",)
    assert keys("a :") == ("a:",)
