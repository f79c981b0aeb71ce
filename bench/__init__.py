"""Measurements against peers and against our own promises: `python -m bench`. Never part of a test run."""
