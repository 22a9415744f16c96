"""`numpy.emath`: real functions that give complex numbers where they must, on plain and traced arrays."""

from ..follow.namespace import mirror

__getattr__, __dir__ = mirror(__name__, "numpy.lib.scimath")
