"""Which imports and statements of a chapter a piece of it needs, found in the syntax trees."""

import ast
import re
from collections.abc import Iterator, Sequence

_Imports = ast.Import | ast.ImportFrom
_SPAN = re.compile(r"`([^`\n]+)`")


def free_names(code: str) -> set[str]:
    """Find the names that code reads from outside: neither its own nor a function's."""
    free: set[str] = set()
    bound: set[str] = set()
    for statement in ast.parse(code).body:
        own, read = _names(statement)
        simple = isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr)  # reads before it binds
        free |= read - bound - (set() if simple else own)
        bound |= own
    return free


def imported_names(code: str) -> set[str]:
    """Find the names that code imports at its top."""
    return set().union(*(_names(statement)[0] for statement in ast.parse(code).body if isinstance(statement, _Imports)))


def names_in_text(text: str, code: Sequence[str]) -> set[str]:
    """Find the names in a text's backticks that are not the reader's own.

    Parameters
    ----------
    text : str
        Exercises in Markdown.
    code : Sequence[str]
        Their answer cells and solutions. What these define is the reader's, and so are their arguments, and what the text
        hands to such a function: the ``x`` of "Write `fit(x, y)`" is not that of the chapter.
    """
    trees = [ast.parse(one) for one in code]
    own = {name for tree in trees for statement in tree.body if not isinstance(statement, _Imports) for name in _names(statement)[0]}
    own |= {node.arg for tree in trees for node in ast.walk(tree) if isinstance(node, ast.arg)}
    spans = [node for span in _SPAN.findall(text) for node in ast.walk(_tree(span))]
    calls = [node for node in spans if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in own]
    own |= {part.id for call in calls for part in ast.walk(call) if isinstance(part, ast.Name)}
    return {node.id for node in spans if isinstance(node, ast.Name)} - own


def needs_of(names: set[str], cells: Sequence[str]) -> tuple[list[str], list[str]]:
    """Find what defines some names, and what that needs in turn, in the order of the chapter.

    Returns
    -------
    imports : list[str]
        Import statements, each cut to the names that are needed.
    parts : list[str]
        The other statements, those of one cell together.
    """
    statements = [(number, *one) for number, cell in enumerate(cells) for one in _statements(cell)]
    defined = [_names(statement)[0] | set(_changed(statement)) for _, statement, _ in statements]
    wanted: dict[int, set[str]] = {}
    todo = [(name, len(statements)) for name in sorted(names)]
    while todo:
        name, end = todo.pop()
        before = [i for i in range(end) if name in defined[i]]
        after = [i for i in range(end, len(statements)) if name in defined[i]]  # a function may name what comes later
        for i in [*before[-1:], *after[:1]][:1]:
            if i not in wanted:
                todo += [(one, i) for one in sorted(free_names(statements[i][2]))]
            wanted.setdefault(i, set()).add(name)
    imports: list[str] = []
    parts: dict[int, list[str]] = {}
    for i in sorted(wanted):
        number, statement, source = statements[i]
        if isinstance(statement, _Imports):
            imports.append(_cut(statement, wanted[i]))
        else:
            parts.setdefault(number, []).append(source)
    return imports, [_joined(part) for part in parts.values()]


def _joined(part: Sequence[str]) -> str:
    """The statements of one cell, with a blank line around functions and classes."""
    is_long = [re.match(r"def |class |@", source) is not None for source in part]
    gaps = ["", *("\n\n" if one or other else "\n" for one, other in zip(is_long, is_long[1:], strict=False))]
    return "".join(gap + source for gap, source in zip(gaps, part, strict=True))


def _statements(cell: str) -> list[tuple[ast.stmt, str]]:
    """The statements of a cell, each with its lines; none, if IPython alone can read it."""
    lines, found = cell.splitlines(), []
    for statement in getattr(_tree(cell), "body", []):
        first = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", []))])
        found.append((statement, "\n".join(lines[first - 1 : statement.end_lineno])))
    return found


class _Names(ast.NodeVisitor):
    """The names that a scope binds, and those that it reads; of scopes within, only what they read from outside."""

    def __init__(self, *nodes: ast.AST) -> None:
        self.bound: set[str] = set()
        self.read: set[str] = set()
        for node in nodes:
            self.visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        (self.read if isinstance(node.ctx, ast.Load) else self.bound).add(node.id)

    def visit_alias(self, node: ast.alias) -> None:
        self.bound.add(_called(node))

    def visit_arg(self, node: ast.arg) -> None:
        self.bound.add(node.arg)
        self.generic_visit(node)  # its annotation

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.bound |= {node.name} if node.name else set()
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.bound.add(node.name)
        self._within(node)

    def _within(self, node: ast.AST) -> None:
        inner = _Names(*ast.iter_child_nodes(node))
        self.read |= inner.read - inner.bound
        arguments = getattr(node, "args", None)
        for default in [*arguments.defaults, *arguments.kw_defaults] if arguments else ():
            self.read |= _Names(default).read if default else set()  # `n=n` reads an outer n

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef
    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _within


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """The names that a statement binds, and those that it reads, functions within it included."""
    found = _Names(statement)
    return found.bound, found.read


def _called(alias: ast.alias) -> str:
    """The name that an import gives."""
    return (alias.asname or alias.name).split(".")[0]


def _changed(statement: ast.AST) -> Iterator[str]:
    """The names whose entries or attributes are set, outside of functions: ``w`` in ``w[0] = 1``."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return
    if isinstance(statement, ast.Subscript | ast.Attribute) and isinstance(statement.ctx, ast.Store):
        root: ast.expr = statement
        while isinstance(root, ast.Subscript | ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name):
            yield root.id
    for child in ast.iter_child_nodes(statement):
        yield from _changed(child)


def _cut(statement: ast.Import | ast.ImportFrom, wanted: set[str]) -> str:
    """An import statement, with the wanted names only."""
    statement.names = [one for one in statement.names if _called(one) in wanted]
    return ast.unparse(statement)


def _tree(code: str) -> ast.AST:
    """What code says, if it is Python."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError):
        return ast.Module([], [])
