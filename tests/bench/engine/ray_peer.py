"""The driver of Ray: run by main.ts with a workload as its argument."""

import json
import logging
import os
import sys

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray  # noqa: E402 -- the variable must be set before

import peer  # noqa: E402


class RayEngine(peer.Engine):
    def __init__(self):
        self._remote = {}

    def _function(self, function):
        if function not in self._remote:
            self._remote[function] = ray.remote(function)
        return self._remote[function]

    def submit(self, function, *args):
        return self._function(function).remote(*args)

    def map(self, function, inputs):
        remote = self._function(function)
        return [remote.remote(x) for x in inputs]

    def get(self, handle):
        return ray.get(handle)

    def get_all(self, handles):
        return ray.get(handles)

    def put(self, value):
        return ray.put(value)

    def worker_pid(self):
        # A worker's title names the function that it is running.
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if file.read().startswith(b"ray::nap"):
                        return int(pid)
            except FileNotFoundError:
                continue
        raise RuntimeError("No worker of Ray is running a task")

    def actor(self):
        actor = ray.remote(peer.Counter).remote()
        return lambda: actor.increment.remote()


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    peer.run(RayEngine(), json.loads(sys.argv[1]))
    ray.shutdown()
