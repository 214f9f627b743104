"""A crowd: many clients watch while many others submit, and one that polls is not kept waiting."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.faults import asks
from bench.faults.calls import Caller
from bench.faults.gauge import Gauge
from bench.faults.home import home
from bench.faults.onlookers import Onlookers
from bench.table import Row

WATCHERS, SUBMITTERS, JOBS_EACH = 64, 16, 4
POLL_MILLISECONDS = 20.0


def rows(
    folder: Path, watchers: int = WATCHERS, submitters: int = SUBMITTERS, jobs_each: int = JOBS_EACH
) -> Iterator[Row]:
    """``watchers`` clients that watch every job of ``submitters`` clients, and one that polls."""
    folder.mkdir(parents=True, exist_ok=True)
    film = asks.make_film(folder / "film.mp4", [4.5])
    with home(folder / "crowd") as here:
        runtime = here.start()
        with Caller(runtime) as caller:
            first = [asks.score(f"s{number}-0", film, seed=number, client=f"s{number}") for number in range(submitters)]
            caller.run(asks.score("alone", film, seed=999))
            alone = Gauge(runtime, ["alone"], seconds=min(3.0, jobs_each * 1.0)).read()
            for request in first:
                caller.submit(request)
            names = [f"s{number}-{index}" for index in range(jobs_each) for number in range(submitters)]
            with ThreadPoolExecutor(submitters) as pool:
                rest = [pool.submit(_submit, caller, film, number, jobs_each) for number in range(submitters)]
                onlookers = Onlookers(runtime, [name for name in names if name.endswith("-0")], watchers)
                gauge = Gauge(runtime, [request.job_id for request in first], seconds=jobs_each * 3.0)
                logs, faults = onlookers.report()
                reading = gauge.read()
                for job in rest:
                    job.result()
        different = [job for job, digests in logs.items() if len(digests) != 1]
        yield Row(
            f"logs of {len(logs)} jobs as {watchers} watchers saw them while {submitters} clients submitted",
            f"{len(different)} different, {len(faults)} gaps",
            "all the same and gapless",
            not different and not faults and len(logs) == submitters,
            "; ".join(faults[:2]),
        )
        slowest = reading.at(0.99)
        yield Row("polls meanwhile", reading.words, "p99 ≤ 20 ms", slowest <= POLL_MILLISECONDS, f"alone {alone.words}")


def _submit(caller: Caller, film: Path, number: int, jobs: int) -> None:
    """Submits one job after the other, and waits for each."""
    for index in range(1, jobs):
        request = asks.score(f"s{number}-{index}", film, seed=number + index, client=f"s{number}")
        caller.run(request)
