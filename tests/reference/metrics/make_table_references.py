"""Writes table_references.json: drawdown tables, monthly tables and rolling statistics by QuantStats,
and combinatorial purged splits by skfolio.

Run: see README.md in this folder.
"""

import json
import pathlib
import warnings

import numpy as np
import pandas as pd
import quantstats.stats as qs
from skfolio.datasets import load_sp500_index
from skfolio.model_selection import CombinatorialPurgedCV

warnings.filterwarnings("ignore")
folder = pathlib.Path(__file__).parent
stored = json.loads((folder / "references.json").read_text())["returns"]
dates = load_sp500_index().pct_change().loc["2018-01-02":].index


def series(name):
    values = [float(value) for value in stored[name].split(" ")]
    return pd.Series(values, index=dates[: len(values)])


def drawdowns(returns):
    """The ten deepest: depth, first row below the peak and last one, as rows."""
    table = qs.drawdown_details(qs.to_drawdown_series(returns)).sort_values("max drawdown")
    rows = []
    for _, row in table.head(10).iterrows():
        start, valley, end = (int(returns.index.get_loc(pd.Timestamp(row[key]))) for key in ("start", "valley", "end"))
        rows.append([float(row["max drawdown"]) / 100, start, valley, end])
    return rows


def monthly(returns):
    table = returns.groupby([returns.index.year, returns.index.month]).apply(qs.comp)
    return [[int(year), int(month), float(value)] for (year, month), value in table.items()]


def splits(rows, groups, tested, purge, embargo):
    cv = CombinatorialPurgedCV(
        n_folds=groups, n_test_folds=tested, purged_size=purge, embargo_size=embargo
    )
    out = []
    for train, tests in cv.split(np.zeros((rows, 1))):
        test = np.concatenate(tests)
        out.append({"train": " ".join(map(str, train)), "test": " ".join(map(str, sorted(test)))})
    return {
        "rows": rows,
        "groups": groups,
        "testGroups": tested,
        "purge": purge,
        "embargo": embargo,
        "paths": int(cv.n_test_paths),
        "splits": out,
    }


tables = {}
for name in ("AAPL", "AMD", "equal_weight"):
    returns = series(name)
    rolling_sharpe = qs.rolling_sharpe(returns, rolling_period=126, periods_per_year=252)
    rolling_volatility = qs.rolling_volatility(returns, rolling_period=126, periods_per_year=252)
    tables[name] = {
        "drawdowns": drawdowns(returns),
        "months": monthly(returns),
        "rollingSharpe": [float(value) for value in rolling_sharpe.dropna().iloc[::100]],
        "rollingVolatility": [float(value) for value in rolling_volatility.dropna().iloc[::100]],
    }

references = {
    "timestamps": " ".join(str(int(date.timestamp())) for date in dates),
    "tables": tables,
    "combinatorial": [splits(30, 6, 2, 0, 0), splits(30, 6, 2, 1, 1), splits(40, 5, 3, 2, 1)],
}
(folder / "table_references.json").write_text(json.dumps(references, indent=1) + "\n")
