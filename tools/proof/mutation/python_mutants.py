"""Mutants of Python, found in the syntax tree and put in at the place of the expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from tools.proof.mutation.mutants import Mutant, numbered, shown

FLIPS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
# Whose arguments may be swapped without any effect, or never without an error of Python's own.
UNSWAPPED = {
    *("isinstance", "issubclass", "hasattr", "getattr", "setattr", "cast", "min", "max", "print"),
    *("TypeVar", "NewType", "super", "gcd", "field"),
}


def python_mutants(source: bytes, path: str) -> list[Mutant]:
    """Return all mutants of a file. Comments, strings and annotations have none."""
    tree = ast.parse(source)
    found = _Finder(source, path)
    found.visit(tree)
    return numbered(found.mutants)


def python_files(root: Path, room: str) -> list[str]:
    """Return the files of a room."""
    found = sorted((root / "src" / "prum_match" / room).rglob("*.py"))
    return [file.relative_to(root).as_posix() for file in found]


class _Finder(ast.NodeVisitor):
    def __init__(self, source: bytes, path: str) -> None:
        self.path = path
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.mutants: list[Mutant] = []
        self.statement: ast.stmt | None = None

    def add(self, node: ast.expr | ast.stmt, operator: str, text: str) -> None:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        around = self.statement or node
        end_of = around.end_lineno or around.lineno
        # Of a compound statement the head alone: what stands in its body is another statement.
        body = getattr(around, "body", None)
        if isinstance(body, list) and body:
            end_of = max(around.lineno, body[0].lineno - 1)
        simple = text[1:-1] if text[:1] == "(" and isinstance(node, ast.expr) else text
        self.mutants.append(
            Mutant(
                path=self.path,
                operator=operator,
                before=shown(ast.unparse(node)),
                after=shown(simple),
                begin=self.starts[node.lineno - 1] + node.col_offset,
                end=self.starts[node.end_lineno - 1] + node.end_col_offset,
                text=text,
                first=node.lineno,
                last=node.end_lineno,
                statement=(around.lineno, end_of),
            )
        )

    def put(self, node: ast.expr, operator: str, new: ast.expr) -> None:
        self.add(node, operator, f"({ast.unparse(new)})")

    def visit(self, node: ast.AST) -> None:
        before = self.statement
        if isinstance(node, ast.stmt):
            self.statement = node
        super().visit(node)
        self.statement = before

    # Nothing below these is mutated: places within an f-string are not told by Python 3.11, and
    # annotations and decorators say little about what the code does.
    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        pass

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        for each in node.body:
            self.visit(each)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in node.body:
            self.visit(each)

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" in ast.unparse(node.test):
            return
        self._condition(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._condition(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._condition(node.test)
        self.generic_visit(node)

    def _condition(self, test: ast.expr) -> None:
        # A comparison is flipped, and a negation removed, where they stand.
        if not isinstance(test, ast.Compare | ast.UnaryOp | ast.Constant):
            self.put(test, "negation", ast.UnaryOp(ast.Not(), test))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.put(node, "negation", node.operand)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self.put(node, "boolean", ast.BoolOp(other, node.values))
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for operator, table in (("comparison", FLIPS), ("boundary", EDGES)):
            for i, old in enumerate(node.ops):
                if type(old) in table:
                    ops = [*node.ops[:i], table[type(old)](), *node.ops[i + 1 :]]
                    self.put(node, operator, ast.Compare(node.left, ops, node.comparators))
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in ARITHMETIC and not _is_of_text(node) and not _is_of_types(node):
            new = ARITHMETIC[type(node.op)]()
            self.put(node, "arithmetic", ast.BinOp(node.left, new, node.right))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if type(node.op) in ARITHMETIC and not isinstance(node.value, ast.JoinedStr):
            new = ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)
            self.add(node, "arithmetic", ast.unparse(new))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.put(node, "constant", ast.Constant(not value))
        elif isinstance(value, int):
            self.put(node, "off by one", ast.Constant(value + 1))
            self.put(node, "off by one", ast.Constant(value - 1))
        elif isinstance(value, float):
            self.put(node, "constant", ast.Constant(2 * value if value else 1.0))

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        starred = any(isinstance(a, ast.Starred) for a in node.args)
        if len(node.args) >= 2 and not starred and name not in UNSWAPPED:
            one, two, *rest = node.args
            if ast.dump(one) != ast.dump(two):
                self.put(node, "arguments", ast.Call(node.func, [two, one, *rest], node.keywords))
        self.generic_visit(node)

    _REMOVED: ClassVar[dict[type[ast.stmt], str]] = {
        ast.Raise: "no raise",
        ast.Return: "no return",
        ast.Continue: "no continue",
    }

    def _remove(self, node: ast.Raise | ast.Return | ast.Continue) -> None:
        self.add(node, self._REMOVED[type(node)], "pass")

    def visit_Raise(self, node: ast.Raise) -> None:
        self._remove(node)
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        self._remove(node)
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._remove(node)


def _operands(node: ast.BinOp) -> Iterator[ast.expr]:
    for side in (node.left, node.right):
        if isinstance(side, ast.BinOp):
            yield from _operands(side)
        else:
            yield side


def _is_of_text(node: ast.BinOp) -> bool:
    """Whether text is joined: Python itself refuses to subtract it."""
    texts = (str, bytes)
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, texts))
        for side in _operands(node)
    )


def _is_of_types(node: ast.BinOp) -> bool:
    """Whether types are joined, as in ``int | None``."""
    if not isinstance(node.op, ast.BitOr):
        return False
    builtin = {"int", "str", "bytes", "float", "bool", "list", "dict", "tuple", "set", "None"}
    names = [ast.unparse(side).rpartition(".")[2].split("[")[0] for side in _operands(node)]
    return any(name in builtin for name in names) or all(n[:1].isupper() for n in names)
