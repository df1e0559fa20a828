"""The terminal: same commands, same events as the window."""
