"""The ledger itself: it must see what it is there to see."""

from sonique.v1 import events_pb2

from bench.faults.ledger import Ledger


def event(seq: int, **what: object) -> events_pb2.JobEvent:
    return events_pb2.JobEvent(job_id="a", seq=seq, **(what or {"warning": events_pb2.Warning(sentence=str(seq))}))  # type: ignore[arg-type]


DONE = events_pb2.Done()


def test_a_whole_log_is_no_breach_however_often_it_is_seen() -> None:
    ledger = Ledger()
    log = [event(1), event(2), event(3, done=DONE)]
    for _ in range(2):
        ledger.verify("a", log)
    ledger.note_all(log[1:], after=1)
    assert ledger.breaches == []
    assert ledger.ends == {"a": (3, "done")}


def test_a_gap_is_seen() -> None:
    ledger = Ledger()
    ledger.note_all([event(1), event(3)])
    assert ledger.breaches == ["a: event 3 came after event 1"]


def test_an_event_that_came_twice_is_seen() -> None:
    ledger = Ledger()
    ledger.note_all([event(1), event(1)])
    assert ledger.breaches == ["a: event 1 came after event 1"]


def test_an_event_that_changed_is_seen() -> None:
    ledger = Ledger()
    ledger.note_all([event(1)])
    ledger.note_all([event(1, warning=events_pb2.Warning(sentence="other"))])
    assert ledger.breaches == ["a: event 1 was another before (warning)"]


def test_events_that_are_lost_are_seen() -> None:
    ledger = Ledger()
    ledger.note_all([event(1), event(2), event(3)])
    ledger.verify("a", [event(1)])
    assert ledger.breaches == ["a: events 2 to 3 were seen and are lost; the log ends at 1"]


def test_what_follows_the_end_is_seen() -> None:
    ledger = Ledger()
    ledger.note_all([event(1, done=DONE), event(2)])
    assert ledger.breaches == ["a: event 2 came after its end"]


def test_a_second_end_is_seen() -> None:
    ledger = Ledger()
    ledger.note_all([event(1, done=DONE), event(2, cancelled=events_pb2.Cancelled())])
    assert ledger.breaches == ["a: ended twice, (1, 'done') and (2, 'cancelled')"]
