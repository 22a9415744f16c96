"""The tests, a package so that helpers are imported by full name. Its folders mirror `src/adjoint`."""
