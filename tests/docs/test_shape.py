"""The shape that CONTRIBUTING.md promises: small modules, tests beside what they test, one page a decision."""

import ast
import subprocess
from pathlib import Path

import pytest

from tests.docs.tree import ROOT, modules, read

MODULE_LINES, FUNCTION_LINES, DECISION_LINES = 350, 60, 60

ACROSS_MODULES = frozenset(
    {
        "tests/clients/desktop/sync/test_disk.py",  # what lies on a ward's disk, whoever wrote it
        "tests/clients/desktop/sync/test_repair.py",  # a damaged store, from its naming to its return
        "tests/clients/desktop/test_start.py",  # what the window is imported without
        "tests/clients/desktop/views/test_every_view.py",  # every view, in every state
        "tests/clients/desktop/views/test_together.py",  # a desktop, a browser and a program in one group
        "tests/clients/desktop/views/test_work.py",  # the page at which one works, and what stands above it
        "tests/miss/storage/test_expand_contract.py",  # every revision there is
        "tests/miss/protocol/session/test_versions.py",  # both sides, and the versions beside this one
        "tests/miss/broker/test_contract.py",  # one contract, every broker
        "tests/miss/chat/test_secrecy.py",  # what the server must not hold
        "tests/miss/client/account/test_history.py",  # a new device reads everything, whichever way it came
        "tests/miss/client/account/test_revocation.py",  # a device that was put out, and its races
        "tests/miss/client/enrolment/test_resetting.py",  # the operator's reset, for who resets and for contacts
        "tests/miss/client/test_end_to_end.py",  # two clients and a server
        "tests/miss/client/test_readme.py",  # the example of the README
        "tests/miss/directory/establishments/test_departments.py",  # long groups, moved under a journal
        "tests/miss/documents/hprim/test_tolerance.py",  # what any of five programs takes, ours takes
        "tests/miss/documents/pdf/test_preflight.py",  # letters before another judge of PDF/A
        "tests/miss/documents/nomenclatures/test_tables.py",  # every table of codes
        "tests/miss/documents/xdm/test_archive.py",  # written and read again
        "tests/miss/mail/smime/test_gpgsm.py",  # against GnuPG, both ways
        "tests/miss/mail/smime/test_openssl.py",  # against openssl, both ways
        "tests/miss/server/test_inviting.py",  # from the invitation to acts in a doctor's name
        "tests/movements/test_announcing.py",  # from the hospital to the doctor
        "tests/teleexpertise/web/test_acting_pages.py",  # acting for somebody, over every page of it
        "tests/teleexpertise/api/test_life.py",  # the life of a request through the API
        "tests/teleexpertise/intake/test_hostile_files.py",  # files that act, by mail and by page
        "tests/miss/directory/audit/test_accounts.py",  # each act on an account has its entry
        "tests/miss/directory/register/test_moving_apart.py",  # an installation from before
        "tests/miss/directory/test_synthetic.py",  # the generator of extractions
        "tests/miss/documents/hprim/test_readers.py",  # five programs that read HPRIM
        "tests/miss/mail/inbound/test_loop.py",  # two dispatchers that answer each other
        "tests/miss/protocol/test_golden.py",  # samples for other languages
        "tests/miss/server/test_authorisation_matrix.py",  # every route, every role
        "tests/miss/server/test_tenants.py",  # every route, another tenant's objects
        "tests/teleexpertise/api/test_closing.py",  # streams and a server that stops
        "tests/teleexpertise/dispatch/test_own_limits.py",  # the pool's terms and the expert's own
        "tests/teleexpertise/intake/test_bad_mails.py",  # bytes of a mail, read as a request
        "tests/teleexpertise/intake/test_bad_mails_told.py",  # the same, from the door to the reply
        "tests/teleexpertise/requests/test_life.py",  # random lives, the rules and the service
        "tests/teleexpertise/requests/test_numbers.py",  # the year's first two requests
        "tests/teleexpertise/web/test_life_pages.py",  # the life of a request through its pages
        "tests/teleexpertise/letters/test_notices.py",  # every letter: nothing clinical where there must not be
        "tests/teleexpertise/requests/test_successors.py",  # an answer to somebody who has left
        "tests/teleexpertise/web/test_pages.py",  # every page, through HTTP
    }
)
"""Tests of what several modules do together."""
OF_A_PACKAGE = {
    "tests/miss/photos/test_photos.py": "miss/photos/__init__.py",
    "tests/teleexpertise/messaging/test_service.py": "miss/server/notices/service.py",
    "tests/miss/client/store/test_store.py": "miss/client/store/__init__.py",
    "tests/miss/mail/outbound/test_outbox.py": "miss/mail/outbound/service.py",
    "tests/teleexpertise/dispatch/test_standing.py": "teleexpertise/dispatch/pools/standing.py",
    "tests/miss/protocol/session/test_session.py": "miss/protocol/session/__init__.py",
}
"""Tests named for what they test rather than for its file."""


def test_modules_and_functions_are_small() -> None:
    faults = []
    for path in modules("miss", "movements", "teleexpertise", "forms", "scripts", "clients/desktop"):
        if "versions" in path.parts:  # migrations are written by a tool
            continue
        name, lines = path.relative_to(ROOT), len(read(path).splitlines())
        faults += [f"{name}: {lines} lines"] if lines > MODULE_LINES else []
        faults += [f"{name}: {one}" for one in _long_functions(path)]
    assert faults == []


def _long_functions(path: Path) -> list[str]:
    functions = [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(read(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [f"{function} has {lines} lines" for function, lines in functions if lines > FUNCTION_LINES]


def test_what_other_rooms_call_at_a_desk_says_what_it_does() -> None:
    """Public classes, functions and methods; of the views, whose methods Qt names, and of what only implements a
    protocol of ours, the class says it."""
    silent = []
    for path in modules("clients/desktop"):
        if "views" in path.parts:
            continue
        tree = ast.parse(read(path))
        inner = [one for kind in ast.walk(tree) if isinstance(kind, ast.ClassDef) for one in _named(kind)]
        silent += [
            f"{path.relative_to(ROOT)}: {one.name}" for one in [*_named(tree), *inner] if not ast.get_docstring(one)
        ]
    assert sorted(set(silent) - {f"clients/desktop/store/lock.py: {name}" for name in ("get", "put", "remove")}) == []


def _named(node: ast.Module | ast.ClassDef) -> list[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [one for one in node.body if isinstance(one, kinds) and not one.name.startswith("_")]


def test_a_tests_path_is_that_of_what_it_tests() -> None:
    mirrors = ("tests/miss", "tests/movements", "tests/teleexpertise", "tests/clients/desktop")
    tests = {path.relative_to(ROOT).as_posix() for path in modules(*mirrors)}
    tests = {path for path in tests if Path(path).name.startswith("test_")}
    astray = {path for path in tests if not _has_source(path)}
    assert astray - ACROSS_MODULES - OF_A_PACKAGE.keys() == set()
    assert (ACROSS_MODULES | OF_A_PACKAGE.keys()) - astray == set(), "no longer an exception: take it off the list"
    assert [source for source in OF_A_PACKAGE.values() if not (ROOT / source).exists()] == []


def _has_source(test: str) -> bool:
    """`tests/miss/a/test_b.py` is for `miss/a/b.py` or the package `miss/a/b`."""
    source = ROOT / test.removeprefix("tests/").replace("test_", "").removesuffix(".py")
    return source.is_dir() or source.with_suffix(".py").exists()


def test_decisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (ROOT / "docs/adr").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


@pytest.mark.parametrize("path", sorted((ROOT / "docs/adr").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_is_one_page_with_its_number_and_its_status(path: Path) -> None:
    lines = read(path).splitlines()
    assert len(lines) <= DECISION_LINES
    assert lines[0].startswith(f"# {int(path.name[:4])}. ")
    assert any(line.startswith("**Status:**") for line in lines)


def test_no_key_and_no_database_is_in_git() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = listed.split("\0")
    assert "run.py" in names
    assert [name for name in names if name.endswith((".key", ".pem", ".db")) or name.startswith("-")] == []
