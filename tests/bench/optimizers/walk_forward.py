"""Walks forward by skfolio: python walk_forward.py REQUEST.json, for walk_forward_bench.ts."""

import sys
import time
import warnings

from libraries import skfolio_models
from request import read_request, say
from skfolio.model_selection import WalkForward, cross_val_predict

warnings.filterwarnings("ignore")


def main():
    request, returns = read_request(sys.argv[1])
    splits = WalkForward(train_size=request["train"], test_size=request["test"])
    used = request["train"] + request["windows"] * request["test"]
    for profile, model in skfolio_models().items():
        try:
            started = time.perf_counter()
            found = cross_val_predict(model(), returns.iloc[-used:], cv=splits)
            say(
                profile=profile,
                seconds=time.perf_counter() - started,
                testReturns=[float(value) for value in found.returns],
            )
        except Exception as error:  # noqa: BLE001 -- one failure is a cell, not the end
            say(profile=profile, failed=str(error)[:200])


main()
