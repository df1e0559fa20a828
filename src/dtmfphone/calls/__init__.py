"""Ways to call. A new way is one file and one line of registration."""
