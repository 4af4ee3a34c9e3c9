"""Solves portfolio problems by one library: python solves.py REQUEST.json, for optimizers_bench.ts."""

import sys
import time
import warnings

import libraries
from request import read_request, say

warnings.filterwarnings("ignore")


def solves_a_second(solve, X, budget_s):
    """Solves a second, once what can be warm is."""
    started = time.perf_counter()
    while time.perf_counter() - started < budget_s / 4:
        solve(X)
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < budget_s:
        solve(X)
        count += 1
    return count / (time.perf_counter() - started)


def main():
    request, returns = read_request(sys.argv[1])
    solvers = getattr(libraries, f"{request['library']}_solvers")()
    for n in request["sizes"]:
        X = returns.iloc[-request["train"] :, :n]
        for profile, solve in solvers.items():
            try:
                say(profile=profile, n=n, solvesPerS=solves_a_second(solve, X, request["budgetS"]))
            except Exception as error:  # noqa: BLE001 -- one failure is a cell, not the end
                say(profile=profile, n=n, failed=str(error)[:200])


main()
