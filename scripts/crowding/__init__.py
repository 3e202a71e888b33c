"""Visitors, cheaters, failures and an independent count, with nothing beyond Python's own library."""
