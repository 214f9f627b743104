"""Playing: from notes to audio, with synthesised instruments only."""
