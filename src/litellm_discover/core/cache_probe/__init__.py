"""Probing prompt caching: what to send, and what the answers mean. Nothing in here sends anything."""
