"""Text from elsewhere, made fit for a terminal."""


def printable(text: str) -> str:
    """The text on one line, with what would steer a terminal replaced: names of clips and jobs may hold anything."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in text)
