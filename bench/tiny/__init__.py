"""Tiny models of the real classes in the real formats: random weights, with a little speech planted in them."""
