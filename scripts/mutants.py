"""The small mistakes that a test suite ought to notice, made one at a time in a module's syntax tree.  Pure.

A mutant turns a comparison or a condition round, moves a number by one, alters a word that is compared or signed,
leaves out a refusal or a call.  Left alone: what only people read (docstrings, `Text`, error messages), annotations,
decorators, and the words of enumerations, which databases hold and a test could only repeat.  `mutate` runs the tests
against them.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATIONS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
_FOR_PEOPLE = frozenset({"Text"})
_SKIPPED_FIELDS = frozenset({"annotation", "returns", "decorator_list", "type_params", "bases"})


@dataclass(frozen=True)
class Mutant:
    """A module with one mistake in it."""

    line: int
    what: str
    code: CodeType


def mutants_of(source: str, path: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines.  `path` is what tracebacks say."""
    tree = ast.parse(source, path)
    for parent, name, index, child in _places(tree, in_function=False):
        for what, replacement in _variants(child, parent):
            ast.copy_location(replacement, child)
            _put(parent, name, index, replacement)
            ast.fix_missing_locations(tree)
            yield Mutant(child.lineno, what, compile(tree, path, "exec"))
            _put(parent, name, index, child)


def _put(parent: ast.AST, name: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[index] = node


Place = tuple[ast.AST, str, int | None, ast.expr | ast.stmt]


def _places(parent: ast.AST, *, in_function: bool) -> Iterator[Place]:
    """Every expression and statement that may change, with where it hangs."""
    for name, value in ast.iter_fields(parent):
        if name in _SKIPPED_FIELDS:
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or _is_for_people(child, parent) or _is_word(child, parent):
                continue
            if isinstance(child, ast.expr | ast.stmt) and not _is_union_of_types(child, in_function):
                yield parent, name, index, child
            inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _places(child, in_function=inside)


def _is_for_people(node: ast.AST, parent: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Name) and (called.id in _FOR_PEOPLE or called.id.endswith("Error")):
        return True
    return isinstance(parent, ast.Raise) and isinstance(node, ast.Call)


def _is_word(node: ast.AST, parent: ast.AST) -> bool:
    is_enumeration = isinstance(parent, ast.ClassDef) and any("Enum" in ast.unparse(base) for base in parent.bases)
    return is_enumeration and isinstance(node, ast.Assign)


def _is_union_of_types(node: ast.AST, in_function: bool) -> bool:
    return not in_function and isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)


def _variants(node: ast.expr | ast.stmt, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=[op]):
            other = _COMPARISONS[type(op)]
            yield f"{type(op).__name__} → {other.__name__}", ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp(op=op, values=values):
            turned = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"{type(op).__name__} → {type(turned).__name__}", ast.BoolOp(turned, values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not left out", operand_of(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            other_op = _OPERATIONS[type(op)]
            yield f"{type(op).__name__} → {other_op.__name__}", ast.BinOp(left, other_op(), right)
        case ast.Constant(value=value):
            yield from _constants(value)
        case ast.If(test=test, body=body, orelse=orelse):
            yield "condition never holds", ast.If(ast.Constant(False), body, orelse)
            if orelse and not isinstance(test, ast.Constant):
                yield "condition always holds", ast.If(ast.Constant(True), body, orelse)
        case ast.IfExp(body=body, orelse=orelse):
            yield "first of two, always", operand_of(body)
            yield "second of two, always", operand_of(orelse)
        case ast.Raise() if not (isinstance(parent, ast.If) and parent.body == [node]):
            yield "refusal left out", ast.Pass()
        case ast.Expr(value=ast.Call() | ast.Await(value=ast.Call())):
            yield "call left out", ast.Pass()
        case ast.Continue():
            yield "continue → break", ast.Break()


def operand_of(node: ast.expr) -> ast.expr:
    """A copy: what stays in the tree keeps its own place."""
    return ast.parse(ast.unparse(node), mode="eval").body


def _constants(value: object) -> Iterator[tuple[str, ast.AST]]:
    match value:
        case bool():
            yield f"{value} → {not value}", ast.Constant(not value)
        case int() | float():
            yield f"{value} → {value + 1}", ast.Constant(value + 1)
        case str() if value:
            yield f"{value!r} altered", ast.Constant("X" + value)
        case bytes() if value:
            yield f"{value!r} altered", ast.Constant(b"X" + value)
