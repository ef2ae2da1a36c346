"""Measures how right what is said of a model is: names, transports and facts, against what was published.

``make accuracy`` prints the report and keeps it in ``docs/accuracy.md``. It asks nobody: everything comes from the
packages that ``make tools`` installed.
"""
