"""The embedded describe engine: measures of picture and sound, turned into sentences and curves."""
