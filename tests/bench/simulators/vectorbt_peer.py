"""Times vectorbt on target percent orders: argument 1 is JSON [[bars, assets, every], …]; prints seconds.

The first, compiling call of each shape is not counted; of three more the fastest is.
"""

import json
import sys
import time

import numpy as np
import vectorbt as vbt


def seconds(bars, assets, every):
    rng = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (bars, assets)), axis=0))
    size = np.full((bars, assets), np.nan)
    rows = np.arange(0, bars, every)
    mixes = rng.uniform(0, 1, (len(rows), assets))
    size[rows] = 0.95 * mixes / mixes.sum(axis=1, keepdims=True)

    def run():
        start = time.perf_counter()
        portfolio = vbt.Portfolio.from_orders(
            close,
            size=size,
            size_type="targetpercent",
            fees=1e-4,
            slippage=5e-4,
            init_cash=1e6,
            cash_sharing=True,
            group_by=True,
            call_seq="auto",
            freq="D",
        )
        portfolio.returns()
        return time.perf_counter() - start

    run()
    return min(run() for _ in range(3))


print(json.dumps([seconds(*shape) for shape in json.loads(sys.argv[1])]))
