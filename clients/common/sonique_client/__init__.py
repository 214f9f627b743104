"""What every client shares: finding and starting the daemon, talking to it, and fetching what it made.

Needs only grpcio and protobuf. Modules: ``discovery`` (find or start the daemon), ``elsewhere`` (one on another
machine), ``connection`` (a channel with the token and a version check), ``scoring`` (run a job, watch another's),
``upload`` (media to a daemon elsewhere), ``fetch`` (a take's file to a path), ``otio`` (timelines as plain data),
``recipe`` (what a cue was made from), ``errors``.
"""
