"""What is known of sequences, ranges, cues and music without Blender: plain values in, plain values out."""
