"""The frozen values that flow through Sonique; imports nothing else of ours."""
