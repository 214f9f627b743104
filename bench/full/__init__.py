"""Full-size configurations of the catalogue's models, as their publishers wrote them, to be built without weights."""
