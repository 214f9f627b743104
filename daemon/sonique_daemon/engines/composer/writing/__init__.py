"""Writing: from tags and a tempo map to notes."""
