"""The cue report: one page, one picture and one sheet about a cue, drawn from what the daemon tells of it."""
