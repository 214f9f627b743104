"""Sending: small copies of media for a daemon on another machine, and a timeline that names them."""
