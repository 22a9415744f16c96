"""`scipy.signal` on plain and traced arrays."""

from ..follow.namespace import mirror

__getattr__, __dir__ = mirror(__name__, "scipy.signal")
