"""The driver of Dask.distributed: run by main.ts with a workload as its argument."""

import json
import os
import sys

from distributed import ActorFuture, Client, LocalCluster

import peer


class DaskEngine(peer.Engine):
    def __init__(self, client):
        self._client = client

    def submit(self, function, *args):
        # Not pure: equal calls are separate tasks.
        return self._client.submit(function, *args, pure=False)

    def map(self, function, inputs):
        return self._client.map(function, inputs, pure=False)

    def get(self, handle):
        return handle.result()

    def get_all(self, handles):
        # Actor calls are no futures of the client: they are read one by one.
        if handles and isinstance(handles[0], ActorFuture):
            return [handle.result() for handle in handles]
        return self._client.gather(handles)

    def put(self, value):
        return self._client.scatter(value, broadcast=True)

    def worker_pid(self):
        return next(iter(self._client.run(os.getpid).values()))

    def actor(self):
        actor = self._client.submit(peer.Counter, actor=True).result()
        return lambda: actor.increment()


if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster, Client(cluster) as client:
        peer.run(DaskEngine(client), json.loads(sys.argv[1]))
