"""Every example runs: those in the docstrings of the installed package, and those in the Markdown pages.

Docstrings are taken from the text of the files, so that one on a decorated function, a method or a
nested class counts too. An example sees its module's names, and `np` and `adjoint`; the examples of a page
see one another.
"""

import ast
import doctest
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest

import adjoint

PACKAGE = Path(adjoint.__file__).parent
PROJECT = Path(__file__).parents[1]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
PARSER = doctest.DocTestParser()


def documented(node: ast.AST, name: str) -> Iterator[tuple[str, str, int]]:
    """Name, text and line (from 0) of each docstring that shows an example, in this node and below it."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node, clean=False)
        if text is not None and ">>>" in text:
            yield name, text, node.body[0].lineno - 1
    for child in ast.iter_child_nodes(node):
        yield from documented(child, f"{name}.{child.name}" if hasattr(child, "name") else name)


def docstrings(root: Path) -> Iterator[doctest.DocTest]:
    for path in sorted(root.rglob("*.py")):
        parts = [root.name, *path.relative_to(root).with_suffix("").parts]
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        for name, text, line in documented(ast.parse(path.read_text(encoding="utf-8")), module):
            names = {"np": numpy, "adjoint": adjoint} | vars(importlib.import_module(module))
            yield PARSER.get_doctest(text, names, name, str(path), line)


def pages(root: Path) -> Iterator[doctest.DocTest]:
    for path in sorted([*root.glob("*.md"), *root.glob("docs/**/*.md")]):
        text = path.read_text(encoding="utf-8")
        if ">>>" in text:
            text = re.sub(r"^ *```.*$", "", text, flags=re.MULTILINE)  # a fence is no expected output
            yield PARSER.get_doctest(text, {}, str(path.relative_to(root)), str(path), 0)


def report(example: doctest.DocTest) -> str:
    """Runs an example; what doctest says of its failures, or nothing."""
    told: list[str] = []
    doctest.DocTestRunner(verbose=False, optionflags=FLAGS).run(example, out=told.append)
    return "".join(told)


EXAMPLES = [*docstrings(PACKAGE), *pages(PROJECT)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example(example: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert example.examples, "'>>>' stands in the text, and no example was found"
    assert not any(doctest.SKIP in part.options for part in example.examples), "an example is not skipped"
    assert not (said := report(example)), said


def test_a_wrong_example_is_told(tmp_path: Path):
    text = "# Page\n\n```python\n>>> x = 2\n>>> x + 1\n3\n```\nmore\n\n```\n>>> 2 * x\n5\n```\n"
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    (page,) = pages(tmp_path)
    assert len(page.examples) == 3
    assert re.search(r"line 11, in page\.md\n(.*\n)*Expected:\n +5\nGot:\n +4", report(page))


def test_docstrings_are_found_wherever_they_stand():
    text = '''
class A:
    """No example."""

    @decorated
    def f(self):
        """Says.

        >>> 1 + 1
        3
        """
        def g():
            """>>> 1"""
'''
    found = list(documented(ast.parse(text), "m"))
    assert [(name, line) for name, _, line in found] == [("m.A.f", 6), ("m.A.f.g", 12)]
    name, docstring, line = found[0]
    assert "line 9, in m.A.f" in report(PARSER.get_doctest(docstring, {}, name, "m.py", line))
