"""The embedded tag engine: rules from description, curves and brief to tags."""
