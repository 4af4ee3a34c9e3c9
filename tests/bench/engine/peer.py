"""The rows of the benchmark for a peer: what tradewind.ts does, in terms of an `Engine`.

Says one JSON line a measurement and waits for an answer on standard input where the observer has to look at memory.
"""

import json
import math
import os
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod

import numpy as np

MEGABYTE = 1_000_000


def noop():
    return None


def increment(x):
    return x + 1


def add(*numbers):
    return sum(numbers)


def length_and_first(array):
    return len(array) + int(array[0])


def ten_kilobytes(x):
    return bytes([x % 256]) * 10_000


def sparse_sum(numbers):
    return float(numbers[::1_000].sum())


def nap(x, ms):
    time.sleep(ms / 1_000)
    return x * x


class Counter:
    """The actor: counts its calls."""

    def __init__(self):
        self.count = 0

    def increment(self):
        self.count += 1
        return self.count


class Engine(ABC):
    """What a peer is asked to do, in its own idiom."""

    @abstractmethod
    def submit(self, function, *args):
        """A handle of one task; handles among the arguments arrive as their results."""

    @abstractmethod
    def map(self, function, inputs):
        """Handles of one task an input."""

    @abstractmethod
    def get(self, handle):
        """The result of one handle."""

    @abstractmethod
    def get_all(self, handles):
        """The results of many handles, in their order."""

    @abstractmethod
    def put(self, value):
        """A reference to a stored value."""

    @abstractmethod
    def worker_pid(self):
        """The process id of a worker that is running tasks now."""

    @abstractmethod
    def actor(self):
        """A function that calls `increment` of a new Counter and gives a handle."""


def run(engine, workload):
    """All rows, in the order of tradewind.ts."""
    check(engine.get(engine.submit(noop)) is None)
    say(event="FirstResult")
    observe("Idle")
    p50, p99 = latency(lambda: engine.get(engine.submit(noop)), workload["sequentialTasks"])
    measured(noopP50Ms=p50, noopP99Ms=p99)
    rate("burstPerS", workload["burstTasks"], lambda: burst(engine, workload["burstTasks"]))
    rate("valuePerS", workload["valueTasks"], lambda: by_value(engine, workload["valueTasks"]))
    rate("referencePerS", workload["referenceTasks"], lambda: by_reference(engine, workload["referenceTasks"]))
    rate("resultsPerS", workload["resultTasks"], lambda: results(engine, workload["resultTasks"]))
    leaves = workload["treeLeaves"]
    rate("treePerS", tree_size(leaves), lambda: tree(engine, leaves))
    broadcast(engine, workload)
    actor_calls(engine, workload)
    observe("MapStarts")
    rate("mapPerS", workload["mapTasks"], lambda: large_map(engine, workload["mapTasks"]))
    observe("MapEnded")
    naps(engine, workload, "napMs", with_kill=False)
    naps(engine, workload, "napKilledMs", with_kill=True)


def latency(call, count):
    for _ in range(20):
        call()
    durations_ms = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        durations_ms.append((time.perf_counter() - start) * 1_000)
    durations_ms.sort()
    return tuple(durations_ms[math.ceil(q * count) - 1] for q in (0.5, 0.99))


def burst(engine, count):
    check(all(result is None for result in engine.get_all([engine.submit(noop) for _ in range(count)])))


def by_value(engine, count):
    arrays = [np.full(MEGABYTE, i % 256, dtype=np.uint8) for i in range(count)]
    found = engine.get_all([engine.submit(length_and_first, array) for array in arrays])
    check(found == [MEGABYTE + i % 256 for i in range(count)])


def by_reference(engine, count):
    ref = engine.put(np.full(MEGABYTE, 7, dtype=np.uint8))
    found = engine.get_all([engine.submit(length_and_first, ref) for _ in range(count)])
    check(found == [MEGABYTE + 7] * count)


def results(engine, count):
    found = engine.get_all(engine.map(ten_kilobytes, range(count)))
    check(all(len(data) == 10_000 and data[-1] == i % 256 for i, data in enumerate(found)))


def tree(engine, leaves):
    level = [engine.submit(add, i) for i in range(leaves)]
    while len(level) > 1:
        level = [engine.submit(add, *level[i : i + 10]) for i in range(0, len(level), 10)]
    check(engine.get(level[0]) == leaves * (leaves - 1) // 2)


def tree_size(leaves):
    return 1 if leaves == 1 else leaves + tree_size(leaves // 10)


def broadcast(engine, workload):
    numbers = np.arange(workload["broadcastNumbers"], dtype=np.float64)
    start = time.perf_counter()
    ref = engine.put(numbers)
    found = engine.get_all([engine.submit(sparse_sum, ref) for _ in range(workload["broadcastTasks"])])
    measured(broadcastMs=(time.perf_counter() - start) * 1_000)
    terms = len(numbers) // 1_000
    check(all(result == 1_000 * terms * (terms - 1) / 2 for result in found))


def actor_calls(engine, workload):
    call = engine.actor()
    count = workload["actorCalls"]
    p50, _ = latency(lambda: engine.get(call()), count)
    measured(actorP50Ms=p50)
    burst_count = workload["actorBurst"]

    def burst_calls():
        found = engine.get_all([call() for _ in range(burst_count)])
        first = 20 + count + 1
        # Sorted: Dask does not promise the order of calls.
        check(sorted(found) == list(range(first, first + burst_count)))

    rate("actorPerS", burst_count, burst_calls)


def large_map(engine, count):
    check(engine.get_all(engine.map(increment, range(count))) == list(range(1, count + 1)))


def naps(engine, workload, row, with_kill):
    count = workload["napTasks"]
    start = time.perf_counter()
    killer = threading.Timer(workload["killAfterMs"] / 1_000, lambda: os.kill(engine.worker_pid(), signal.SIGKILL))
    if with_kill:
        killer.start()
    found = engine.get_all([engine.submit(nap, i, workload["napMs"]) for i in range(count)])
    wall_ms = (time.perf_counter() - start) * 1_000
    killer.cancel()
    check(found == [i * i for i in range(count)])
    measured(**{row: wall_ms})


def rate(row, count, work):
    start = time.perf_counter()
    work()
    measured(**{row: count / (time.perf_counter() - start)})


def observe(moment):
    """Waits until the observer has looked at the processes."""
    say(event="Observe", moment=moment)
    sys.stdin.readline()


def measured(**values):
    say(event="Measured", values=values)


def say(**line):
    print(json.dumps(line), flush=True)


def check(is_right):
    if not is_right:
        raise AssertionError("A wrong result")
