"""A stand-in for a card: what is said to stand on one is held and computed by the processor, and counted."""
