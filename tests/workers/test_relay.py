from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.workers.relay import Relay
from sonique_daemon.workers.wire import Message, Noted, Worded


def test_words_are_held_back_and_the_last_ones_always_arrive() -> None:
    said: list[Message] = []
    relay = Relay(1, said.append, lambda: False)
    for count in range(1, 9):
        relay.wording(0, "a" * count)
        relay.wording(1, "b" * count)
    assert len(said) < 16
    relay.finish()
    assert {Worded(1, 0, "a" * 8), Worded(1, 1, "b" * 8)} <= set(said)


def test_words_come_before_what_follows_them() -> None:
    said: list[Message] = []
    relay = Relay(1, said.append, lambda: False)
    relay.wording(0, "A")
    relay.wording(0, "A boat.")
    relay.note(Note(NoteKind.SHOT, 0, b""))
    assert said[-2:] == [Worded(1, 0, "A boat."), Noted(1, Note(NoteKind.SHOT, 0, b""))]
