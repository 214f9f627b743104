"""``sonique doctor``: all that a support thread would ask for, each finding with its way out; and a bundle of it."""
