"""How an act is signed: by its person, or by whose hand it was and for whom.  Pure.

« Odile BUVARD pour Dr Paul EXEMPLE » of a secretary; « Odile BUVARD, infirmière, pour EHPAD Les Lilas » of a member of
an establishment, who is nobody's secretary and whose function says in what quality they ask.
"""

from typing import Final

from miss.base.ids import PractitionerId
from miss.base.text import Language, Text
from miss.directory.practitioners import Practitioner
from miss.directory.practitioners.model import is_party_id
from teleexpertise.requests.model import FactKind
from teleexpertise.requests.reading import View

_FOR: Final = Text(fr="{hand} pour {who}", en="{hand} for {who}")
_ASKED: Final = frozenset({FactKind.RECEIVED_INCOMPLETE, FactKind.SUBMITTED})


def name_of(view: View, practitioner_id: PractitionerId | None) -> str:
    """Somebody's name; empty for the platform, or for somebody no longer in the directory."""
    person = view.people.get(practitioner_id) if practitioner_id else None
    return person.display_name if person else ""


def signed_name(view: View, who: PractitionerId | None, hand: PractitionerId | None, language: Language) -> str:
    """Somebody's name; both names where `hand` acted for them, with a function where it was for an establishment."""
    name, person = name_of(view, who), view.people.get(hand) if hand else None
    if not name or person is None:
        return name
    function = person.profession.display if who and is_party_id(who) else ""
    hand_said = f"{person.display_name}, {function.lower()}," if function else person.display_name
    return _FOR.in_(language, hand=hand_said, who=name)


def find_asker(view: View) -> Practitioner | None:
    """The member who sent it for an establishment, or began it while nobody has; None: a person asked."""
    if not is_party_id(view.request.requester):
        return None
    hands = [fact.through for fact in view.timeline if fact.kind in _ASKED and fact.through]
    return view.people.get(hands[-1]) if hands else None


def asked_by(view: View, language: Language = Language.FR) -> str:
    """Who asks, as the page and the document of a request say it."""
    asker = find_asker(view)
    return signed_name(view, view.request.requester, asker.id if asker else None, language)
