"""Every form of a folder, read and linted once at start, and those assembled from them.

The folder holds `<id>/<version>.json`; `commun` is the part that every request has, `reponse` the expert's answer, any
other id a specialty: a new specialty is a JSON file and no code.  Forms with faults are refused, all named at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path

from teleexpertise.questionnaire.assemble import assemble, assemble_answer
from teleexpertise.questionnaire.errors import Fault, FormsFaulty, FormUnreadable, UnknownForm
from teleexpertise.questionnaire.fold import fold
from teleexpertise.questionnaire.lint import lint
from teleexpertise.questionnaire.model import FormStatus, Questionnaire
from teleexpertise.questionnaire.parse import parse_questionnaire

COMMON = "commun"
ANSWER = "reponse"


def lint_forms(root: Traversable | Path) -> dict[str, tuple[Fault, ...]]:
    """The faults of each form file under `root`, and of each assembled form (by its canonical); empty where clean.

    Raises FormsFaulty if the folder holds no form at all.
    """
    faults: dict[str, tuple[Fault, ...]] = {}
    forms: list[Questionnaire] = []
    for path, data in _files(root):
        try:
            form = parse_questionnaire(data)
        except FormUnreadable as error:
            faults[path] = error.faults
            continue
        misplaced = path != f"{form.id}/{form.version}.json"
        place = Fault("", "form_place", f"this form belongs in {form.id}/{form.version}.json")
        faults[path] = (*((place,) if misplaced else ()), *lint(form))
        forms.append(form)
    if not faults:
        raise FormsFaulty((Fault("", "no_forms", "the folder holds no <id>/<version>.json"),))
    if not any(faults.values()):
        faults |= {form.canonical: lint(form) for form in FormRegistry(tuple(forms)).assembled()}
    return faults


@dataclass(frozen=True)
class FormRegistry:
    """Forms in memory; get one with `load`, which refuses faulty ones."""

    forms: tuple[Questionnaire, ...]
    probe: Questionnaire | None = None
    """What the platform asks itself (`teleexpertise.probing`): found by its canonical, offered to nobody."""

    @classmethod
    def load(cls, root: Traversable | Path, probe: Questionnaire | None = None) -> "FormRegistry":
        """Read every form under `root` (`importlib.resources.files("forms")`).  Raises FormsFaulty."""
        faults = tuple(
            Fault(f"{path} {fault.path}".rstrip(), fault.code, fault.message)
            for path, found in lint_forms(root).items()
            for fault in found
        )
        if faults:
            raise FormsFaulty(faults)
        return cls(tuple(parse_questionnaire(data) for _, data in _files(root)), probe)

    def get(self, canonical: str) -> Questionnaire:
        """The form that a response pins by `url|version`, as written or assembled.  Raises UnknownForm."""
        found = self.find(canonical)
        if found is None:
            raise UnknownForm(form=canonical)
        return found

    def find(self, canonical: str) -> Questionnaire | None:
        return self._by_canonical.get(canonical)

    def latest(self, form_id: str) -> Questionnaire:
        """The highest version of a form as written, not assembled.  Raises UnknownForm."""
        versions = [form for form in self.forms if form.id == form_id]
        if not versions:
            raise UnknownForm(form=form_id)
        return max(versions, key=_rank)

    def published(self, form_id: str) -> Questionnaire:
        """The form of a specialty as requesters fill it in: its latest version with the latest common part.

        Raises UnknownForm, also for a specialty whose latest version is retired.
        """
        latest = self.latest(form_id)
        if form_id in (COMMON, ANSWER) or latest.status is FormStatus.RETIRED:
            raise UnknownForm(form=form_id)
        return assemble(latest, self.latest(COMMON))

    def specialties(self) -> tuple[Questionnaire, ...]:
        """Every published form, by title."""
        latest = (self.latest(form_id) for form_id in {form.id for form in self.forms} - {COMMON, ANSWER})
        published = (self.published(form.id) for form in latest if form.status is not FormStatus.RETIRED)
        return tuple(sorted(published, key=lambda form: fold(form.title.fr)))

    @cached_property
    def probe_form(self) -> Questionnaire | None:
        """The probe's form as it is filled in."""
        return assemble(self.probe, self.latest(COMMON)) if self.probe else None

    def current(self, canonical: str) -> Questionnaire | None:
        """What a form is asked as today: its published version; the pinned one of a specialty that was withdrawn."""
        url = canonical.partition("|")[0]
        published = next((form for form in self.specialties() if form.url == url), None)
        return published or self.find(canonical)

    def answer_form(self, request_canonical: str) -> Questionnaire:
        """The form that an expert answers a request with, given what the request pins.  Raises UnknownForm."""
        return assemble_answer(self.latest(ANSWER), self.get(request_canonical))

    def named(self, words: str) -> Questionnaire | None:
        """The request form that somebody names: canonical, `dermatologie 1.0.0+commun.1.0.0`, id or title.

        Without a version, the latest; None if that is no form for requests.
        """
        for form in self.specialties():
            if fold(words) in (fold(form.id), fold(form.title.fr), fold(form.title.en)):
                return form
        requests = (form for form in self.assembled() if form.id != ANSWER)
        spelt = (form for form in requests if fold(words) in (fold(f"{form.id} {form.version}"), fold(form.canonical)))
        return next(spelt, None)

    def assembled(self) -> Iterator[Questionnaire]:
        """Every form assembled from every version, so that old responses keep their form."""
        commons = [form for form in self.forms if form.id == COMMON]
        answers = [form for form in self.forms if form.id == ANSWER]
        for form in (*self.forms, *([self.probe] if self.probe else [])):
            if form.id in (COMMON, ANSWER):
                continue
            for common in commons:
                request = assemble(form, common)
                yield request
                yield from (assemble_answer(answer, request) for answer in answers)

    @cached_property
    def _by_canonical(self) -> dict[str, Questionnaire]:
        return {form.canonical: form for form in (*self.forms, *self.assembled())}


def _rank(form: Questionnaire) -> tuple[int, ...]:
    return tuple(int(part) for part in form.version.split("."))


def _files(root: Traversable | Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of each `<id>/<version>.json`, sorted."""
    for folder in sorted(root.iterdir(), key=lambda entry: entry.name):
        if not folder.is_dir() or folder.name.startswith(("_", ".")):
            continue
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".json"):
                yield f"{folder.name}/{file.name}", file.read_bytes()
