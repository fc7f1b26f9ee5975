"""Files find their items."""

from dataclasses import replace
from importlib.resources import files

from miss.base.text import Text
from teleexpertise.attachments.placing import Placed, place_files
from teleexpertise.attachments.service import KeptFile
from teleexpertise.questionnaire.model import AttachmentRef, Coding, Item, ItemType
from teleexpertise.questionnaire.registry import FormRegistry

FORM = FormRegistry.load(files("forms")).published("dermatologie")


def picture(name: str, link_id: str = "", mime: str = "image/jpeg") -> KeptFile:
    return KeptFile(AttachmentRef(name, mime, 1000, f"ref-{name}"), link_id)


def names(placed: Placed, link_id: str) -> list[str]:
    return [file.name for file in placed.answers.get(link_id, ()) if isinstance(file, AttachmentRef)]


def test_the_overview_comes_first_then_close_ups() -> None:
    placed = place_files(FORM, {}, [picture(name) for name in "abc"])
    assert names(placed, "d.photo.large") == ["a"]
    assert names(placed, "d.photo.proche") == ["b", "c"]


def test_a_document_goes_to_the_other_pieces() -> None:
    placed = place_files(FORM, {}, [picture("lettre", mime="application/pdf"), picture("vue")])
    assert names(placed, "c.piece") == ["lettre"]
    assert names(placed, "d.photo.large") == ["vue"]


def test_every_required_item_has_a_file_before_any_has_two() -> None:
    labels = Text("Photo", "Photo")
    items = tuple(Item(name, ItemType.ATTACHMENT, labels, required=True, repeats=True) for name in ("left", "right"))
    both = replace(FORM, items=items)
    placed = place_files(both, {}, [picture(name) for name in "abc"])
    assert names(placed, "left") == ["a", "c"]
    assert names(placed, "right") == ["b"]


def test_what_was_said_goes_before_the_order() -> None:
    placed = place_files(FORM, {}, [picture("pres", "d.photo.proche"), picture("loin")])
    assert names(placed, "d.photo.proche") == ["pres"]
    assert names(placed, "d.photo.large") == ["loin"]


def test_a_closed_item_takes_no_file() -> None:
    placed = place_files(FORM, {"d.type": (Coding("eruption"),)}, [picture("zoom", "d.photo.dermoscope")])
    assert names(placed, "d.photo.dermoscope") == []
    assert names(placed, "d.photo.large") == ["zoom"]


def test_what_no_item_takes_is_loose_and_nothing_is_lost() -> None:
    placed = place_files(FORM, {}, [picture(f"n{n}") for n in range(20)])
    kept = [name for item in ("d.photo.large", "d.photo.proche", "c.piece") for name in names(placed, item)]
    assert sorted([*kept, *(ref.name for ref in placed.loose)]) == sorted(f"n{n}" for n in range(20))
    assert len(placed.loose) == 20 - 1 - 4 - 10


def test_files_given_before_stay_where_they_are() -> None:
    first = place_files(FORM, {}, [picture("a")])
    second = place_files(FORM, first.answers, [picture("b")])
    assert names(second, "d.photo.large") == ["a"]
    assert names(second, "d.photo.proche") == ["b"]
