"""``python -m sonique_cli``: the command ``sonique`` where its script is not on the path."""

from sonique_cli.start import run

if __name__ == "__main__":
    run()
