"""Makes the pictures in docs/report.md: ``make shots``."""
