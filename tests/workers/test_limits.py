"""What workers may take leaves a share to the editor's program."""

import psutil
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.workers.home import homes
from sonique_daemon.workers.limits import PoolLimits, default_budget, machine_memory

GIB = 2**30


def test_the_budget_leaves_the_editor_its_share() -> None:
    total = machine_memory()
    assert 0 < total <= psutil.virtual_memory().total
    assert total // 2 <= default_budget() <= 0.65 * total + 1


def test_a_small_need_may_take_the_ordinary_amount() -> None:
    assert PoolLimits(memory_budget_bytes=64 * GIB).ceiling(250_000_000) == 4 * GIB


def test_a_large_need_may_take_more_than_it_says() -> None:
    assert PoolLimits(memory_budget_bytes=64 * GIB).ceiling(8 * GIB) == 18 * GIB


def test_nobody_may_take_more_than_the_budget() -> None:
    assert PoolLimits(memory_budget_bytes=2 * GIB).ceiling(250_000_000) == 2 * GIB


def test_engines_of_one_home_share_a_worker_that_holds_the_largest() -> None:
    seer = Descriptor("seer", Stage.DESCRIBE, "", "MIT", "1", memory_bytes=5 * GIB, home="model", interpreter="/p")
    teller = Descriptor("teller", Stage.TAG, "", "MIT", "1", memory_bytes=3 * GIB, home="model", interpreter="/p")
    home = homes([teller, seer], PoolLimits(memory_budget_bytes=64 * GIB))["model"]
    assert (home.need_bytes, home.copies, home.interpreter) == (5 * GIB, 1, "/p")
    assert home.items == (("describe", "seer"), ("tag", "teller"))
    assert not home.confined


def test_the_tasks_without_an_engine_always_have_a_home() -> None:
    found = homes([], PoolLimits(shared_copies=3))
    assert {name: [task for task, _ in home.items] for name, home in found.items()} == {
        "desk": ["conform", "hear"],
        "studio": ["fit", "measure", "align", "deliver"],
        "converter": ["convert", "convert_pipeline"],
    }
    assert {name: home.copies for name, home in found.items()} == {"desk": 3, "studio": 3, "converter": 1}
