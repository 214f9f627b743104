"""The command soniqued: configuration, runtime file, signals, drain."""
