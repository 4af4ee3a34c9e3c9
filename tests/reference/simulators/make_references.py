"""Writes references.json: portfolios of target percent orders on drawn prices, as vectorbt simulates them.

Run: see README.md in this folder.
"""

import json
import pathlib

import numpy as np
import pandas as pd
import vectorbt as vbt

ROWS, COLS, WEALTH = 120, 4, 1_000_000.0
rng = np.random.default_rng(20)


def bars():
    """Opens near the closes before them, and closes; six significant digits, so that JSON keeps them."""
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (ROWS, COLS)), axis=0)) * [1, 2, 0.3, 5]
    before = np.vstack([close[0], close[:-1]])
    open_ = before * np.exp(rng.normal(0, 0.005, (ROWS, COLS)))
    rounded = np.vectorize(lambda value: float(f"{value:.6g}"))
    return rounded(open_), rounded(close)


def targets(every, least, most):
    rows = list(range(5, ROWS, every))
    return rows, np.round(rng.uniform(least, most, (len(rows), COLS)), 4)


def simulate(name, open_, close, rows, weights, fill, fees, slippage, lot):
    size = np.full((ROWS, COLS), np.nan)
    size[rows] = weights
    price = open_ if fill == "open" else close
    portfolio = vbt.Portfolio.from_orders(
        pd.DataFrame(close),
        size=pd.DataFrame(size),
        size_type="targetpercent",
        direction="both",
        price=pd.DataFrame(price),
        val_price=pd.DataFrame(price),
        fees=fees / 1e4,
        slippage=slippage / 1e4,
        size_granularity=lot if lot else np.nan,
        init_cash=WEALTH,
        cash_sharing=True,
        group_by=True,
        call_seq="auto",
        freq="D",
    )
    trades = portfolio.orders.records_readable
    shares = portfolio.assets().to_numpy()[-1]
    return {
        "name": name,
        "fillAt": fill,
        "commissionBps": fees,
        "slippageBps": slippage,
        "lotSize": lot,
        "targets": [[int(row), *map(float, mix)] for row, mix in zip(rows, weights)],
        "returns": [float(value) for value in portfolio.returns().to_numpy()[rows[0] :]],
        "finalWealth": float(portfolio.final_value()),
        "finalCash": float(portfolio.cash().iloc[-1]),
        "finalShares": [float(value) for value in shares],
        "trades": len(trades),
        "fees": float(trades["Fees"].sum()),
    }


open_, close = bars()
long = targets(10, 0.02, 0.22)
both = targets(7, -0.2, 0.3)
daily = targets(1, 0.05, 0.2)
cases = [
    simulate("free, long, at the close", open_, close, *long, "close", 0, 0, 0),
    simulate("free, long, at the open", open_, close, *long, "open", 0, 0, 0),
    simulate("with costs, long", open_, close, *long, "close", 10, 5, 0),
    simulate("with costs, long and short, at the open", open_, close, *both, "open", 10, 5, 0),
    simulate("with costs, long, every bar", open_, close, *daily, "open", 1, 5, 0),
    simulate("with costs and whole shares", open_, close, *long, "open", 10, 5, 1),
]
references = {
    "library": f"vectorbt {vbt.__version__}",
    "cols": COLS,
    "initialWealth": WEALTH,
    "open": [list(map(float, row)) for row in open_],
    "close": [list(map(float, row)) for row in close],
    "cases": cases,
}
path = pathlib.Path(__file__).with_name("references.json")
path.write_text(json.dumps(references) + "\n")
