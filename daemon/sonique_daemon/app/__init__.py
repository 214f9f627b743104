"""The command ``soniqued``: configuration, runtime file, signals, and an end in order."""
