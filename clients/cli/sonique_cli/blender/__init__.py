"""``sonique blender``: Blender's extension, built, installed and offered for others to install."""
