"""The mail that says why what arrived stays a draft.  Pure."""

from collections.abc import Sequence

from miss.base.text import Language
from miss.mail.outbound import OutboundMail
from teleexpertise.attachments.service import RefusedFile
from teleexpertise.intake.askers import ASKER_LINE, ASKER_PROBLEMS
from teleexpertise.intake.assessment import Assessment
from teleexpertise.intake.quota import is_beyond_quota
from teleexpertise.letters import to_requester
from teleexpertise.letters.envelope import Correspondent, Platform, Thread
from teleexpertise.questionnaire.model import CHOICES, ItemType, Problem, Questionnaire
from teleexpertise.questionnaire.values import expected


def why_it_stays(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    number: str,
    rank: int,
    assessment: Assessment,
    refused: Sequence[RefusedFile],
) -> OutboundMail:
    """Everything that is missing at once, what forbids sending, or that the quota is spent.  `rank` counts mails."""
    if assessment.blocked:
        reasons = [text.in_(Language.FR) for text in assessment.blocked]
        return to_requester.refused(platform, to, thread, number=number, rank=rank, reasons=reasons)
    if is_beyond_quota(assessment):
        reason = assessment.problems[0].text.in_(Language.FR)
        return to_requester.waiting(
            platform, to, thread, number=number, rank=rank, reason=reason, refused_files=told_files(refused)
        )
    form = assessment.form
    return to_requester.incomplete(
        platform,
        to,
        thread,
        number=number,
        form_title=form.title.fr if form else "",
        rank=rank,
        problems=[_sentence(problem, form) for problem in assessment.problems],
        refused_files=told_files(refused),
        lines_to_fill=_lines_to_fill(assessment.problems, form),
    )


def told_files(refused: Sequence[RefusedFile]) -> list[str]:
    """Each file that was not taken, and why."""
    return [f"« {file.name} » : {file.error.sentence()}" for file in refused]


def _sentence(problem: Problem, form: Questionnaire | None) -> str:
    """The problem in French; for a choice left blank, what there is to choose from."""
    sentence = problem.text.in_(Language.FR)
    item = form.find_item(problem.link_id) if form else None
    if item is not None and item.type in CHOICES and problem.code == "required":
        return f"{sentence} Choix possibles : {expected(item).in_(Language.FR)}."
    return sentence


def _lines_to_fill(problems: Sequence[Problem], form: Questionnaire | None) -> list[str]:
    asked = [ASKER_LINE] if any(problem.code in ASKER_PROBLEMS for problem in problems) else []
    if form is None:
        return ["Formulaire : ", *asked]
    items = [form.find_item(link_id) for link_id in dict.fromkeys(problem.link_id for problem in problems)]
    return asked + [
        f"{item.link_id} : " for item in items if item and item.is_question and item.type is not ItemType.ATTACHMENT
    ]
