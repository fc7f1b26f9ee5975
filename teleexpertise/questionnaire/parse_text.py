"""`linkId or label : answer`, one a line, as people write it in a mail.

Case, accents, spacing and typography do not matter; lines that mail software wrapped are joined; `> ` quotes are read,
an answer outside a quote going before one inside.  Nothing is lost: a line that belongs to no question, or an answer
that is not understood, comes back in `unknown_lines`.  The HPRIM header is not ours (miss.documents takes it off).
Source: teleexpertise.md §2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo

from teleexpertise.questionnaire.fold import fold, keys
from teleexpertise.questionnaire.model import CHOICES, Answers, AnswerValue, Item, ItemType, Problem, Questionnaire
from teleexpertise.questionnaire.problems import problem
from teleexpertise.questionnaire.render import CONTINUED, instructions
from teleexpertise.questionnaire.values import PARIS, NotUnderstood, file_names, read

MAX_LINES = 5_000
"""Of a body that are looked at; the others come back as unknown."""
KEY_MAX = 400
"""Characters of the words before a colon."""
KEY_LINES = 5
"""Over how many lines mail software may have wrapped those words."""
WRAPPED_MAX = 12
"""Over how many lines an answer that is no free text may have been wrapped."""
KEY_COLONS = 6
"""How many colons of a line are tried: labels hold some."""

_QUOTE = re.compile(r"(?:\s?>)+ ?")
_BULLET = re.compile(r"[\s\-•*]+")
_SIGNATURE = "--"
_FORM_LINE = re.compile(
    r"^[ \t]{0,8}(?:>[ \t]?)*(?:formulaire|form)[ \t\u00a0]{0,2}:[ \t]{0,8}(\S[^\n]{0,200}?)[ \t\r]{0,8}$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class TextAnswers:
    """What a text answers.

    `attachment_names`: the file names written for each attachment, to be matched with the files of the mail.
    """

    answers: Answers
    attachment_names: dict[str, tuple[str, ...]]
    unknown_lines: tuple[str, ...]
    problems: tuple[Problem, ...]


def named_form(text: str) -> str | None:
    """What the first line `Formulaire : …` names, for `FormRegistry.named`; None without such a line."""
    found = _FORM_LINE.search(text)
    return found[1] if found else None


def parse_labelled_answers(form: Questionnaire, text: str, zone: tzinfo = PARIS) -> TextAnswers:
    """The answers that `text` gives to the questions of `form`; a time without offset is taken in `zone`."""
    reader = _Reader(form)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reader.read_lines(lines[:MAX_LINES])
    reader.unknown += (line for line in lines[MAX_LINES:] if line.strip())
    return reader.understood(zone)


@dataclass(slots=True)
class _Line:
    """One line without its quote marks."""

    raw: str
    words: str
    is_quoted: bool

    @property
    def indent(self) -> int:
        return len(self.words) - len(self.words.lstrip(" \t"))


@dataclass(slots=True)
class _Entry:
    """A key and the lines of its answer, the first being what follows the colon."""

    item: Item
    indent: int
    is_quoted: bool
    parts: list[str]
    raws: list[str]
    breaks: list[str] = field(default_factory=list)
    """What joins each part to the next."""

    @property
    def is_blank(self) -> bool:
        return not any(part.strip() for part in self.parts)

    def joined(self, count: int) -> str:
        words = self.parts[0]
        for joint, part in zip(self.breaks[: count - 1], self.parts[1:count], strict=True):
            words += joint + part
        return words.strip()


class _Reader:
    def __init__(self, form: Questionnaire) -> None:
        self.unknown: list[str] = []
        self._entries: list[_Entry] = []
        self._keys = _keys_of(form)
        self._instructions = {fold(line) for line in instructions(form)}
        self._current: _Entry | None = None
        self._blank_lines = 0

    def read_lines(self, raws: list[str]) -> None:
        lines = [_unquoted(raw) for raw in raws]
        at = 0
        while at < len(lines):
            at += self._take(lines, at)

    def _take(self, lines: list[_Line], at: int) -> int:
        """Place the line at `at`; returns how many lines that took."""
        line = lines[at]
        if not line.words.strip():
            self._blank_lines += 1
            return 1
        if not self._continues_verbatim(line):
            for count in range(1, KEY_LINES + 1):
                entry = self._entry(lines[at : at + count]) if at + count <= len(lines) else None
                if entry is not None:
                    self._open(entry)
                    return count
            if fold(line.words) in self._instructions or _FORM_LINE.fullmatch(line.words):
                self._open(None)
                return 1
            if line.words == _SIGNATURE or line.words.startswith("****"):
                self._open(None)
                self.unknown.append(line.raw)
                return 1
        self._continue(line)
        return 1

    def _open(self, entry: _Entry | None) -> None:
        self._current, self._blank_lines = entry, 0
        if entry is not None:
            self._entries.append(entry)

    def _continues_verbatim(self, line: _Line) -> bool:
        """Whether the line is indented under a text that is being answered: then it is no key, whatever it says."""
        entry = self._current
        return (
            entry is not None
            and entry.item.type in (ItemType.TEXT, ItemType.STRING)
            and not entry.is_blank
            and line.indent >= entry.indent + len(CONTINUED)
        )

    def _continue(self, line: _Line) -> None:
        """Add the line to the answer that is open, or to what is unknown."""
        entry, blank_lines, self._blank_lines = self._current, self._blank_lines, 0
        if entry is None or not self._may_continue(entry, line, blank_lines):
            self._current = None
            self.unknown.append(line.raw)
            return
        is_verbatim = self._continues_verbatim(line)
        keeps_breaks = entry.item.type is ItemType.TEXT or is_verbatim
        entry.is_quoted = line.is_quoted
        entry.breaks.append("\n" * (blank_lines + 1) if keeps_breaks else " ")
        entry.parts.append(line.words[entry.indent + len(CONTINUED) :] if is_verbatim else line.words.strip())
        entry.raws.append(line.raw)

    def _may_continue(self, entry: _Entry, line: _Line, blank_lines: int) -> bool:
        if entry.item.type is ItemType.TEXT or self._continues_verbatim(line):
            return entry.is_blank or line.is_quoted is entry.is_quoted
        if blank_lines or entry.item.type is ItemType.ATTACHMENT or len(entry.parts) > WRAPPED_MAX:
            return False
        return entry.is_blank or line.is_quoted is entry.is_quoted

    def _entry(self, lines: list[_Line]) -> _Entry | None:
        """The entry that these lines open, the colon standing in the last of them."""
        if len({line.is_quoted for line in lines}) > 1 or any(not line.words.strip() for line in lines):
            return None
        before = " ".join(line.words.strip() for line in lines[:-1])
        last = lines[-1].words.strip(" \t")
        for colon in _colons(last):
            item = self._item_named(f"{before} {last[:colon]}")
            if item is not None:
                rest = last[colon + 1 :].strip(" \t")
                return _Entry(item, lines[0].indent, lines[0].is_quoted, [rest], [line.raw for line in lines])
        return None

    def _item_named(self, words: str) -> Item | None:
        if len(words) > KEY_MAX:
            return None
        bare = _BULLET.sub("", words, count=1) if _BULLET.match(words) else words
        return next((self._keys[key] for key in keys(bare) if key in self._keys), None)

    def understood(self, zone: tzinfo) -> TextAnswers:
        """Each entry read, quotes only where nothing else answers."""
        answered = {entry.item.link_id for entry in self._entries if not entry.is_quoted and not entry.is_blank}
        answers: dict[str, tuple[AnswerValue, ...]] = {}
        names: dict[str, tuple[str, ...]] = {}
        problems: list[Problem] = []
        for entry in self._entries:
            link_id = entry.item.link_id
            if entry.is_blank or (entry.is_quoted and link_id in answered):
                continue
            if entry.item.type is ItemType.ATTACHMENT:
                names[link_id] = names.get(link_id, ()) + file_names(entry.joined(len(entry.parts)))
                continue
            try:
                values = self._values(entry, zone)
            except NotUnderstood as error:
                problems.append(problem(entry.item, error.code, expected=error.expected))
                self.unknown += entry.raws
                continue
            known = answers.get(link_id, ())
            is_list = entry.item.repeats and entry.item.type not in CHOICES
            answers[link_id] = known + tuple(value for value in values if is_list or value not in known)
        return TextAnswers(answers, names, tuple(self.unknown), tuple(problems))

    def _values(self, entry: _Entry, zone: tzinfo) -> tuple[AnswerValue, ...]:
        """The answer in as many lines as can be understood; the lines behind it are unknown.  Raises NotUnderstood."""
        failure: NotUnderstood | None = None
        for count in range(len(entry.parts), 0, -1):
            words = entry.joined(count)
            if not words:
                break
            try:
                values = read(entry.item, words, zone)
            except NotUnderstood as error:
                failure = failure or error
                continue
            self.unknown += entry.raws[len(entry.raws) - len(entry.parts) + count :]
            return values
        assert failure is not None, "an entry that is not blank was read at least once"  # noqa: S101
        raise failure


def _unquoted(raw: str) -> _Line:
    match = _QUOTE.match(raw)
    return _Line(raw, raw[match.end() :].rstrip(" \t") if match else raw.rstrip(" \t"), match is not None)


def _colons(words: str) -> Iterator[int]:
    """The colons of a line that may end a key, the farthest first: the longest label wins."""
    places = [at for at, letter in enumerate(words[:KEY_MAX]) if letter == ":"]
    return reversed(places[:KEY_COLONS])


def _keys_of(form: Questionnaire) -> dict[str, Item]:
    """Every way to name a question: linkId, label, both; a shortened label only where it names one question."""
    questions = list(form.questions())
    found: dict[str, Item] = {}
    for item in questions:
        found[fold(item.link_id)] = item
    shortened: dict[str, list[Item]] = {}
    for item in questions:
        for label in filter(None, (item.label.fr, item.label.en)):
            whole, *shorter = keys(label)
            for key in (whole, *(fold(item.link_id) + one for one in (whole, *shorter))):
                found.setdefault(key, item)
            for key in shorter:
                shortened.setdefault(key, []).append(item)
    for key, items in shortened.items():
        if all(item is items[0] for item in items):
            found.setdefault(key, items[0])
    return found
