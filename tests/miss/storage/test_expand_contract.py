"""Upgrades without a pause: a revision only adds, so that the version before works on beside it (docs/operations.md).

What takes something away from the version before (a table, a column, a name, the freedom to leave a column out) stands
in a revision of its own that says `contract = True`, one release after the code has stopped needing it.
"""

import ast
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[3]
BEFORE_THE_RULE = frozenset(
    {
        "miss_0002",
        "miss_0003",
        "miss_0004",
        "miss_0005",
        "miss_0007",
        "register_0002",
        "teleexpertise_0002",
        "teleexpertise_0003",
    }
)
"""Written before anything was deployed: these upgrades want every process stopped."""
TAKES_AWAY = frozenset({"drop_table", "drop_column", "drop_constraint", "rename_table"})
BINDS = frozenset({"create_unique_constraint", "create_foreign_key", "create_check_constraint"})
NARROWS = frozenset({"new_column_name", "type_"})


def contractions(source: str) -> list[str]:
    """What `upgrade` does that the version before would stumble over; nothing if it says that it contracts."""
    module = ast.parse(source)
    if any(isinstance(one, ast.Assign) and ast.unparse(one) == "contract = True" for one in module.body):
        return []
    [upgrade] = [one for one in module.body if isinstance(one, ast.FunctionDef) and one.name == "upgrade"]
    calls = [one for one in ast.walk(upgrade) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)]
    made = {_table(call) for call in calls if _name(call) == "create_table"}
    batches = _batches(upgrade)
    return [found for call in calls if (found := _contraction(call, made, batches))]


def _contraction(call: ast.Call, made: set[str], batches: dict[str, str]) -> str:
    """Empty: it only adds."""
    name = _name(call)
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    table = batches.get(owner) or _table(call)
    if (owner != "op" and owner not in batches) or table in made:
        return ""
    options = {one.arg: ast.unparse(one.value) for one in call.keywords if one.arg}
    if name in TAKES_AWAY | BINDS:
        return f"{name} on {table}"
    if name == "alter_column" and (NARROWS & options.keys() or options.get("nullable") == "False"):
        return f"alter_column on {table}"
    if name == "create_index" and options.get("unique") == "True":
        return f"unique index on {table}"
    if name == "add_column" and "nullable=False" in ast.unparse(call) and "server_default" not in ast.unparse(call):
        return f"NOT NULL without a default on {table}"
    if name == "execute" and any(word in ast.unparse(call).upper() for word in ("DELETE FROM", "DROP ", "TRUNCATE")):
        return "rows or tables taken away by SQL"
    return ""


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _table(call: ast.Call) -> str:
    """The first word said, or the second where the first names an index."""
    words = [ast.literal_eval(one) for one in call.args[:2] if isinstance(one, ast.Constant)]
    at = 1 if _name(call) in {"create_index", "drop_constraint"} | BINDS else 0
    return str(words[at]) if len(words) > at else ""


def _batches(upgrade: ast.FunctionDef) -> dict[str, str]:
    """Names of `with op.batch_alter_table("…") as name`, and their tables."""
    found = {}
    for block in ast.walk(upgrade):
        for item in block.items if isinstance(block, ast.With) else []:
            if isinstance(item.context_expr, ast.Call) and item.optional_vars is not None:
                found[ast.unparse(item.optional_vars)] = _table(item.context_expr)
    return found


def revisions() -> list[Path]:
    """Every revision of the application, the register and the key store."""
    folders = [path for room in ("miss", "movements", "teleexpertise") for path in (ROOT / room).rglob("versions")]
    return sorted(path for folder in folders for path in folder.glob("*.py"))


@pytest.mark.parametrize("path", revisions(), ids=lambda path: path.stem)
def test_a_revision_only_adds_or_says_that_it_contracts(path: Path) -> None:
    found = contractions(path.read_text())
    if "_".join(path.stem.split("_")[:2]) not in BEFORE_THE_RULE:
        assert found == [], "the version before would stumble over this: move it to a revision with contract = True"


def test_every_folder_of_revisions_is_looked_at() -> None:
    assert {path.parent.relative_to(ROOT).as_posix() for path in revisions()} >= {
        "miss/storage/migrations/versions",
        "miss/storage/sealed/versions",
        "miss/directory/register/versions",
        "movements/versions",
        "teleexpertise/versions",
    }


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('op.drop_table("account_role")', ["drop_table on account_role"]),
        ('op.add_column("account", sa.Column("x", sa.Integer(), nullable=True))', []),
        ('op.add_column("account", sa.Column("x", sa.Integer(), nullable=False, server_default="0"))', []),
        (
            'op.add_column("account", sa.Column("x", sa.Integer(), nullable=False))',
            ["NOT NULL without a default on account"],
        ),
        ('op.create_index("account_x", "account", ["x"])', []),
        ('op.create_index("account_x", "account", ["x"], unique=True)', ["unique index on account"]),
        ('op.create_table("new", sa.Column("x")); op.create_index("new_x", "new", ["x"], unique=True)', []),
        ('op.alter_column("account", "x", nullable=False)', ["alter_column on account"]),
        ('op.alter_column("account", "x", existing_type=sa.Integer(), nullable=True)', []),
        ('op.alter_column("account", "x", new_column_name="y")', ["alter_column on account"]),
        ('op.create_unique_constraint("one", "account", ["x"])', ["create_unique_constraint on account"]),
        ('op.execute("DELETE FROM account")', ["rows or tables taken away by SQL"]),
        ('op.execute("UPDATE account SET x = 1")', []),
    ],
)
def test_what_takes_away_is_seen(line: str, found: list[str]) -> None:
    assert contractions(f"def upgrade() -> None:\n    {line}\n") == found


def test_a_batch_is_seen_through() -> None:
    source = """
        def upgrade():
            with op.batch_alter_table("account") as batch_op:
                batch_op.drop_column("x")
                batch_op.add_column(sa.Column("y", sa.Integer(), nullable=False))

        def downgrade():
            op.drop_table("account")
    """
    assert contractions(dedent(source)) == ["drop_column on account", "NOT NULL without a default on account"]
    assert contractions("contract = True\n" + dedent(source)) == []
