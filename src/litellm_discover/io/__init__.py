"""The shell's hands: clock, sockets and disk."""
