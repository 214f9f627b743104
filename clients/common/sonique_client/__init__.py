"""What every client shares: discovery, channel, token, version check."""
