"""Music models of the package stable-audio-tools, in an environment of their own: ``sonique engines install``."""
