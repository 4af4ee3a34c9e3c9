"""A flow of no-op tasks in Prefect: PREFECT_API_URL names its server. Prints what was measured as a line of JSON."""

import json
import sys
import time

from prefect import flow, task
from prefect.cache_policies import INPUTS, NO_CACHE

first_at = 0.0


@task(cache_policy=NO_CACHE, persist_result=False)
def forgotten(i):
    note_first()
    return i


@task(cache_policy=INPUTS, persist_result=True)
def kept(i):
    note_first()
    return i


def note_first():
    global first_at
    first_at = first_at or time.time() * 1000


@flow
def noops(count, is_kept):
    started = time.perf_counter()
    futures = (kept if is_kept else forgotten).map(range(count))
    total = sum(future.result() for future in futures)
    assert total == count * (count - 1) // 2, total
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    count = int(sys.argv[1])
    is_kept = sys.argv[2] == "kept"
    wall_ms = noops(count, is_kept)
    print(json.dumps({"event": "Measured", "wallMs": wall_ms, "firstAtMs": first_at}), flush=True)
