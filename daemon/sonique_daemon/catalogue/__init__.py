"""The catalogue: which models there are, what they need and allow, and where their weights stand."""
