"""What is published beside the source: ``make share`` and ``make dist``."""
