"""The DaVinci Resolve client: reads a range of the timeline, has it scored, and places the music."""
