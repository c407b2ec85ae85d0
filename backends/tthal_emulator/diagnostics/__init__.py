"""What went wrong, in words: traps, misuse and deadlocks become errors that name the place."""
