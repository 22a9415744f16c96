"""Traced arrays as NumPy sees them. Read in this order: `dispatch` (how an elementwise call finds its
trace), `ufuncs` (the table of NumPy's ufuncs), `functions` (the table of its other functions, by
family), `indexing` and `views` (reading and writing parts), `traced` (the class with the operators).
"""
