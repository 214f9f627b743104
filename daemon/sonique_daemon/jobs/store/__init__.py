"""The store: jobs, their events, takes and cached results, on the disk and safe there."""
