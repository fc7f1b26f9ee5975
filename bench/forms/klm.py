"""The keystroke-level model: how long a practised person takes for a task of which every act is known.  Pure.

It counts acts and the decisions before them, not reading, nor aiming a camera, nor hesitating: those are told apart.
Sources: Card, Moran, Newell, « The keystroke-level model for user performance time with interactive systems », CACM
23(7), 1980 (P, K of a button, H, M); Palin et al., « How do people type on mobile devices? », MobileHCI 2019 (37,370
people: 36.17 words a minute, a word being five characters); Brysbaert, « How many words do we read per minute? »,
Journal of Memory and Language 109, 2019 (238 words a minute, silently).
"""

from dataclasses import dataclass

P_S = 1.10
"""Pointing at a target.  Measured with a mouse, Fitts's law included; a finger is rather faster."""
B_S = 0.20
"""Pressing what is pointed at."""
K_S = round(60 / (36.17 * 5), 3)
"""One character on a telephone's keyboard."""
H_S = 0.40
"""Moving the hands between the page and the keyboard, each way."""
M_S = 1.35
"""Making up one's mind: before each answer, and before each tap that leads on."""
READING_WORDS_A_MINUTE = 238


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """What a walk through a form took."""

    taps: int
    characters: int
    texts: int
    """Fields that were typed into: the keyboard opens and closes for each."""
    decisions: int
    pages: int
    words: int
    """In the questions met and the choices they offer."""

    @property
    def seconds(self) -> float:
        """The model's estimate, without reading."""
        return self.taps * (P_S + B_S) + self.characters * K_S + 2 * self.texts * H_S + self.decisions * M_S

    @property
    def reading_seconds(self) -> float:
        """If every word of every question met were read: the first times; who knows the form reads a part."""
        return self.words * 60 / READING_WORDS_A_MINUTE
