"""All functions of the table, by the file that has them."""

import importlib
import warnings

from .entry import Entry

FILES = ("of_statistics", "of_filters", "of_geometry", "of_physics")


def entries(part: str = "") -> list[Entry]:
    """Those whose names contain `part`."""
    warnings.simplefilter("ignore")
    found: list[Entry] = []
    for name in FILES:
        found += importlib.import_module(f"{__package__}.{name}").ENTRIES
    return [entry for entry in found if part in entry.name]
