"""Jobs: the queue, the journal that writes what they say, and the store that keeps it."""
