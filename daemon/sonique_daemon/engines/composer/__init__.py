"""The embedded composer: writes a piece to the tempo map (``writing``) and plays it (``playing``)."""
