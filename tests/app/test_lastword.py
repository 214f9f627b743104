import threading

from sonique_daemon.app.lastword import LATE, LastWord


def test_a_process_that_does_not_end_is_ended_after_its_runtime_file_went() -> None:
    done: list[object] = []
    ended = threading.Event()

    def leave(code: int) -> None:
        done.append(code)
        ended.set()

    LastWord(lambda: done.append("clean"), leave).within(0.0)
    assert ended.wait(60)
    assert done == ["clean", LATE]


def test_it_is_ended_even_where_nothing_can_be_cleaned() -> None:
    ended = threading.Event()

    def broken() -> None:
        raise OSError("gone")

    LastWord(broken, lambda _: ended.set()).within(0.0)
    assert ended.wait(60)


def test_one_that_ends_by_itself_is_left_alone() -> None:
    ended, before = threading.Event(), set(threading.enumerate())
    word = LastWord(ended.set, lambda _: None)
    word.within(600.0)
    (timer,) = set(threading.enumerate()) - before
    word.never()
    timer.join(60)
    assert (timer.is_alive(), ended.is_set()) == (False, False)
