"""Long lines broken as formatters break them: what stands between brackets, one item a line.

Every broken list ends with a comma, so that a formatter leaves it as it is, whatever width it is set to.
"""

from collections.abc import Iterator

WIDTH = 88
INDENT = "    "
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def laid_out(line: str) -> list[str]:
    """A line of source as lines that are not too long."""
    if len(line) <= WIDTH or line.lstrip().startswith("#"):
        return [line]
    lead = line[: len(line) - len(line.lstrip())]
    return list(_broken(lead, line.strip(), ""))


def _broken(lead: str, text: str, after: str) -> Iterator[str]:
    if len(lead) + len(text) + len(after) <= WIDTH:
        yield lead + text + after
        return
    place = _brackets(text)
    if place is None:
        yield lead + text + after
        return
    start, end = place
    head, items, tail = text[: start + 1], _items(text[start + 1 : end]), text[end:]
    if not items or (
        text[start] == "[" and start and (text[start - 1].isalnum() or text[start - 1] in "_])")
    ):
        yield lead + text + after  # an index: it is short
        return
    yield lead + head
    for item in items:
        yield from _broken(lead + INDENT, item, ",")
    yield lead + tail + after


def _brackets(text: str) -> tuple[int, int] | None:
    """The last pair of outermost brackets."""
    found: tuple[int, int] | None = None
    depth, start, quote = 0, 0, ""
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote and text[i - 1] != "\\" else quote
        elif c in "'\"":
            quote = c
        elif c in _PAIRS:
            if not depth:
                start = i
            depth += 1
        elif c in ")]}":
            depth -= 1
            if not depth:
                found = (start, i)
    return found


def _items(text: str) -> list[str]:
    """What stands between the outermost commas."""
    found: list[str] = []
    depth, start, quote = 0, 0, ""
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote and text[i - 1] != "\\" else quote
        elif c in "'\"":
            quote = c
        elif c in _PAIRS:
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and not depth:
            found.append(text[start:i].strip())
            start = i + 1
    rest = text[start:].strip()
    return [*found, rest] if rest else found
