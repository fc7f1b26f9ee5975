"""Whether what arrived is a request that can be sent: the one judgement for mails and pages.  Pure.

What arrived is laid over what the draft held, files are given to items, the patient is established, the form checks the
whole; the result is what to keep, and everything that is missing, named at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.documents.identities import PatientIdentity
from teleexpertise.attachments.placing import place_files
from teleexpertise.attachments.service import KeptFile
from teleexpertise.intake.contradictions import contradictions
from teleexpertise.intake.merging import Touched, Typed, lay, not_there_yet
from teleexpertise.intake.prefill import renewed
from teleexpertise.letters.envelope import Thread
from teleexpertise.questionnaire.check import check
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.questionnaire.enable import enabled_items
from teleexpertise.questionnaire.model import (
    Answers,
    Problem,
    Questionnaire,
    QuestionnaireResponse,
    ResponseStatus,
)
from teleexpertise.questionnaire.parse_form import parse_form_data
from teleexpertise.questionnaire.parse_text import parse_labelled_answers
from teleexpertise.questionnaire.render import summary
from teleexpertise.requests.content import RequestContent, response_of
from teleexpertise.requests.patient import Address, PatientRefused, find_identity

_NO_FORM = Text(
    fr="Formulaire non précisé ou inconnu : écrivez une ligne « Formulaire : nom ». Formulaires : {forms}.",
    en="The form is not named or not known: write a line “Formulaire : name”. Forms: {forms}.",
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Arrived:
    """What one mail or one page brought, understood but not judged."""

    form: Questionnaire | None
    answers: Answers
    answered_at: Mapping[str, datetime]
    address: Address | None = None
    files: Sequence[KeptFile] = ()
    problems: tuple[Problem, ...] = ()
    header_problem: Problem | None = None
    """Told only if the patient stays unknown."""
    free_text: str = ""
    thread: Thread | None = None
    replaces: bool = False
    """A page without script holds every answer there is; a mail only what its sender had to add."""
    merges: bool = False
    """A page with script tells by `answered_at` which answers it touched: of each, the one touched last counts."""
    unread: Typed = field(default_factory=dict)
    """What a page brought and was not understood, as it was typed."""
    removed: frozenset[str] = frozenset()
    """Files that a page took away."""
    asker: PractitionerId | None = None
    """In whose hand an establishment asks; None: nothing new is said of it."""
    asker_problem: Problem | None = None
    """Told while nobody's hand is known."""
    wish: str | None = None
    """The expert asked for; empty: nobody in particular.  None: nothing is said of it."""
    old_form: Questionnaire | None = None
    """The version on which the draft was begun, where `form` is another."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Assessment:
    """The judgement, and the content to keep."""

    form: Questionnaire | None
    content: RequestContent
    response: QuestionnaireResponse | None
    problems: tuple[Problem, ...]
    blocked: tuple[Text, ...]
    """Answers that forbid sending, whatever else is complete."""
    red_flag_hours: int | None
    reasons: tuple[Text, ...] = ()
    """Why the answer is due within `red_flag_hours`."""

    @property
    def ready(self) -> tuple[Questionnaire, QuestionnaireResponse] | None:
        """The form and its answers, if they may be sent to an expert."""
        if self.form is None or self.response is None or self.problems or self.blocked:
            return None
        return self.form, self.response


def assess(draft: RequestContent, arrived: Arrived, known_forms: Sequence[str], now: datetime) -> Assessment:
    """Judge `arrived` laid over `draft`."""
    base = replace(
        draft,
        address=arrived.address or draft.address,
        free_text=_joined(draft.free_text, arrived.free_text),
        thread=draft.thread or arrived.thread,
        wish=draft.wish if arrived.wish is None else arrived.wish,
        asker=arrived.asker or draft.asker,
    )
    if arrived.form is None:
        return _without_form(base, arrived, known_forms)
    form = arrived.form
    before, base = _before(base, arrived, form)
    merged, unread = _laid(before, base, arrived)
    loose = [KeptFile(ref, "") for ref in base.loose_files if ref.ref not in arrived.removed]
    files = not_there_yet([*arrived.files], merged.answers, base.loose_files)
    placed = place_files(form, merged.answers, [*loose, *files])
    response = replace(merged, answers=placed.answers, authored=now, status=ResponseStatus.IN_PROGRESS)
    checked = check(form, response)
    patient, problems = _patient(checked.response.answers, base.address, arrived.header_problem)
    # A line that was not understood is worth telling unless its question is answered elsewhere; then it is told once.
    not_understood = (*arrived.problems, *parse_form_data(form, unread).problems)
    open_items = enabled_items(form, response.answers)
    problems += [
        one
        for one in not_understood
        if not one.link_id or (one.link_id in open_items and one.link_id not in merged.answers)
    ]
    problems += contradictions(form, checked.response.answers)
    problems += _asker_problems(base, arrived)
    told = {problem.link_id for problem in problems if problem.link_id}
    problems += [problem for problem in checked.problems if problem.link_id not in told]
    ok = not problems and not checked.blocked
    final = replace(checked.response, status=ResponseStatus.COMPLETED) if ok else response
    content = replace(
        base,
        patient=patient,
        response=compose_response(form, final),
        loose_files=placed.loose,
        summary=summary(form, final) if ok else "",
        unread={} if ok else unread,
    )
    return Assessment(
        form=form,
        content=content,
        response=final,
        problems=tuple(problems),
        blocked=checked.blocked,
        red_flag_hours=checked.deadline_at_most_hours,
        reasons=checked.reasons,
    )


def _laid(
    before: QuestionnaireResponse, base: RequestContent, arrived: Arrived
) -> tuple[QuestionnaireResponse, dict[str, tuple[str, ...]]]:
    """What arrived over what was there, and what of it nobody understands."""
    if arrived.merges:
        touched = Touched(arrived.answers, arrived.unread, arrived.answered_at, arrived.removed)
        return lay(before, base.unread, touched)
    answers = {**before.answers, **arrived.answers}
    instants = {**before.answered_at, **arrived.answered_at}
    unread = {**({} if arrived.replaces else base.unread), **arrived.unread}
    still = {link_id: words for link_id, words in unread.items() if link_id not in answers}
    return replace(before, answers=answers, answered_at=instants), still


def _before(
    base: RequestContent, arrived: Arrived, form: Questionnaire
) -> tuple[QuestionnaireResponse, RequestContent]:
    """What the draft answered already.  Text kept from before a form was named is read now that there is one, and
    answers to another version of the form are taken over."""
    known = response_of(base)
    if known is None:
        known, free_text = read_kept_text(form, base.free_text)
        base = replace(base, free_text=free_text)
    elif known.questionnaire != form.canonical:
        known, left = renewed(known, form, arrived.old_form)
        base = replace(base, free_text=_joined(base.free_text, left))
    return (QuestionnaireResponse(form.canonical, {}) if arrived.replaces else known), base


def read_kept_text(form: Questionnaire, text: str) -> tuple[QuestionnaireResponse, str]:
    """The answers in a text that was kept before its form was known, and what is left of it."""
    labelled = parse_labelled_answers(form, text)
    lines = "\n".join(line for line in labelled.unknown_lines if line.strip())
    return QuestionnaireResponse(form.canonical, labelled.answers), lines


def _patient(
    answers: Answers, address: Address, header_problem: Problem | None
) -> tuple[PatientIdentity | None, list[Problem]]:
    try:
        patient = find_identity(answers, address)
    except PatientRefused as refused:
        return None, [refused.problem]
    return patient, [header_problem] if patient is None and header_problem is not None else []


def _asker_problems(base: RequestContent, arrived: Arrived) -> list[Problem]:
    return [arrived.asker_problem] if arrived.asker_problem is not None and base.asker is None else []


def _joined(*texts: str) -> str:
    return "\n\n".join(dict.fromkeys(text for text in texts if text))


def _without_form(base: RequestContent, arrived: Arrived, known_forms: Sequence[str]) -> Assessment:
    forms = ", ".join(known_forms)
    problem = Problem("", "no_form", Text(_NO_FORM.fr.format(forms=forms), _NO_FORM.en.format(forms=forms)))
    loose = (*base.loose_files, *(file.ref for file in arrived.files))
    return Assessment(
        form=None,
        content=replace(base, loose_files=loose),
        response=None,
        problems=(problem, *_asker_problems(base, arrived)),
        blocked=(),
        red_flag_hours=None,
    )
