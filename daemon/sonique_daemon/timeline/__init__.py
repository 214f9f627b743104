"""From OTIO to a picture, its frames and its production sound."""
