"""What is refused of commits and their boxes.  protocol §3, §4"""

from miss.base.text import Text
from miss.protocol.errors.base import ProtocolError


class CommitError(ProtocolError):
    """A change of a conversation's members or keys does not hold."""

    code = "commit"
    text = Text(
        fr="Un changement de cette conversation n’a pas pu être vérifié ; il n’est pas appliqué.",
        en="A change of this conversation could not be verified; it is not applied.",
    )


class BadCommit(CommitError):
    """Not a commit, or its parts do not fit together; `reason` says which."""

    code = "bad_commit"


class CommitOutOfOrder(CommitError):
    """Does not follow the commit it is compared with."""

    code = "commit_out_of_order"


class CommitForged(CommitError):
    """Not signed by a device of the member it names."""

    code = "commit_forged"


class CommitNotAllowed(CommitError):
    """Well signed, but the author may not do that; `rule` names it."""

    code = "commit_not_allowed"
    text = Text(
        fr="Votre rôle dans cette conversation ne permet pas ce changement ({rule}).",
        en="Your role in this conversation does not allow this change ({rule}).",
    )


class CommitStale(CommitError):
    """Names devices or keys of a member that are older than those already seen, or no longer current."""

    code = "commit_stale"
    http_status = 409


class BoxMissing(CommitError):
    """The commit holds no box for that person, or only its digest."""

    code = "box_missing"


class BoxUnreadable(CommitError):
    """The box is there and does not open."""

    code = "box_unreadable"
    text = Text(
        fr="La clé de cette conversation ne s’ouvre pas sur cet appareil. Demandez-la depuis un autre appareil.",
        en="This conversation's key does not open on this device. Ask for it from another device.",
    )


class WrongUserKey(CommitError):
    """The box is sealed to another generation of the user key; `wanted` says which."""

    code = "wrong_user_key"


class WrongConfirmation(CommitError):
    """The box opened, but its secret is not the one the commit confirms."""

    code = "wrong_confirmation"
