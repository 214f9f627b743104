"""The words that a brief may use, on the wire."""

from sonique.v1 import engines_pb2


def write_vocabulary() -> engines_pb2.ListVocabularyResponse:
    """Styles by id, instruments and moods by name."""
    from sonique_daemon.engines.composer.composition import Instrument
    from sonique_daemon.engines.composer.style import Style, own_styles, styles, user_folder
    from sonique_daemon.engines.lexicon.concept import moods

    def write(style: Style) -> engines_pb2.Style:
        return engines_pb2.Style(id=style.id, name=style.name, slowest_bpm=style.slowest, fastest_bpm=style.fastest)

    return engines_pb2.ListVocabularyResponse(
        styles=[write(style) for _, style in sorted(styles().items())],
        instruments=sorted(Instrument),
        moods=sorted(moods()),
        faults=own_styles(user_folder()).faults,
        style_folder=str(user_folder()),
    )
