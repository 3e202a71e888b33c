"""The benchmark: servers under test, loads, measurements and tables, with nothing beyond Python's own library."""
