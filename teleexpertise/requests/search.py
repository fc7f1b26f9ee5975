"""Find a request among one's own by words.  Pure: what may be searched was decided by who read it."""

from teleexpertise.questionnaire.fold import fold
from teleexpertise.requests.reading import Listed


def matches(line: Listed, words: str) -> bool:
    """Every word stands in the number, the specialty, the summary or who asked, accents and case aside."""
    text = fold(f"{line.request.number} {line.title.fr} {line.title.en} {line.summary} {line.asked_by}")
    return all(fold(word) in text for word in words.split())
