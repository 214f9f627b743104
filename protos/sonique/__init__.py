"""The contract of Sonique."""
