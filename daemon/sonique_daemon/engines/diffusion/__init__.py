"""Music models of diffusers: Stable Audio 3, Stable Audio Open 1.0 and ACE-Step 1.5."""
