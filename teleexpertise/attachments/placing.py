"""Which item of a form each file answers, when the sender did not say.

In order: the item that was named; then one file for each required item that has none, in the order of the form
(overview first, close-up next); then as many as the close-ups take; then « autres pièces ».  What no item takes stays
loose, and is shown beside the answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from teleexpertise.attachments.service import KeptFile
from teleexpertise.questionnaire.enable import enabled_items
from teleexpertise.questionnaire.model import Answers, AnswerValue, AttachmentRef, Item, ItemType, Questionnaire


@dataclass(frozen=True, slots=True, repr=False)
class Placed:
    """Answers with the files among them, and the files that no item takes."""

    answers: Answers
    loose: tuple[AttachmentRef, ...]


def place_files(form: Questionnaire, answers: Answers, files: Sequence[KeptFile]) -> Placed:
    """Answer the attachment items of `form` that are open with these answers."""
    open_items = enabled_items(form, answers)
    items = [item for item in form.questions() if item.type is ItemType.ATTACHMENT and item.link_id in open_items]
    by_id = {item.link_id: item for item in items}
    placed: dict[str, tuple[AnswerValue, ...]] = dict(answers)
    waiting: list[AttachmentRef] = []
    for file in files:
        item = by_id.get(file.link_id)
        if item is not None and _has_room(item, placed):
            placed[item.link_id] = (*placed.get(item.link_id, ()), file.ref)
        else:
            waiting.append(file.ref)
    loose = [ref for ref in waiting if not _place(ref, items, placed)]
    return Placed(placed, tuple(loose))


def _place(ref: AttachmentRef, items: Sequence[Item], placed: dict[str, tuple[AnswerValue, ...]]) -> bool:
    for item in _in_turn(items, placed):
        if (not item.mime_types or ref.mime in item.mime_types) and _has_room(item, placed):
            placed[item.link_id] = (*placed.get(item.link_id, ()), ref)
            return True
    return False


def _in_turn(items: Sequence[Item], placed: Answers) -> Iterator[Item]:
    """Required and still without a file; then required ones that take more; then the others."""
    yield from (item for item in items if item.required and not placed.get(item.link_id))
    yield from (item for item in items if item.required)
    yield from (item for item in items if not item.required)


def _has_room(item: Item, placed: Answers) -> bool:
    return item.at_most is None or len(placed.get(item.link_id, ())) < item.at_most
