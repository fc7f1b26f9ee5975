import ast
import string
from pathlib import Path

import miss.protocol
from miss.base.text import Language
from miss.protocol import errors
from miss.protocol.errors import ProtocolError

ROOM = Path(miss.protocol.__file__).parent
LEAVES = {name: getattr(errors, name) for name in errors.__all__}


def raised() -> list[tuple[str, set[str], str]]:
    """Every construction of one of our errors in the room: its name, its parameters, where."""
    found = []
    for path in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LEAVES:
                given = {keyword.arg or "" for keyword in node.keywords}
                found.append((node.func.id, given, f"{path.name}:{node.lineno}"))
    return found


def test_every_sentence_can_be_filled_where_it_is_raised() -> None:
    for name, given, where in raised():
        for sentence in (LEAVES[name].text.fr, LEAVES[name].text.en):
            wanted = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
            assert wanted <= given, where


def test_every_error_is_raised_somewhere_or_groups_others() -> None:
    names = {name for name, _, _ in raised()}
    # A form raises the error it was given.
    names |= {"BadOpCert", "BadLink", "BadCommit", "BadEnvelope", "BadBody", "BadReceipt", "BadProof", "BadWrap"}
    names |= {"BadTombstone", "TombstoneForged", "BadAcknowledgement", "AcknowledgementForged", "BadSafetyCard"}
    names |= {"BadRecoveryCode", "BadPairingCode", "BadPairing"}
    for name, leaf in LEAVES.items():
        assert name in names or leaf.__subclasses__(), name


def test_each_says_something_in_both_languages() -> None:
    for leaf in LEAVES.values():
        assert leaf.text.fr != leaf.text.en
        assert "'" not in leaf.text.fr, "typographic apostrophes in French"


def test_the_groups_catch_their_leaves() -> None:
    assert issubclass(errors.LinkForged, errors.LinkError)
    assert issubclass(errors.LinkError, ProtocolError)
    assert errors.BadFrame(reason="malformed").sentence(Language.EN).startswith("The program sent")
