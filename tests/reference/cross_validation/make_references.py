"""Writes references.json: returns along the paths of combinatorial purged cross-validation, by skfolio.

Run: see README.md in this folder.
"""

import json
import pathlib

import numpy as np
from skfolio.model_selection import CombinatorialPurgedCV, cross_val_predict
from skfolio.optimization import EqualWeighted, InverseVolatility

folder = pathlib.Path(__file__).parent
stored = json.loads((folder.parent / "metrics" / "references.json").read_text())["returns"]
names = ["AAPL", "AMD", "equal_weight"]
rows = 240
X = np.array([[float(value) for value in stored[name].split(" ")[:rows]] for name in names]).T


def paths(model, groups, tested, purge, embargo):
    cv = CombinatorialPurgedCV(
        n_folds=groups, n_test_folds=tested, purged_size=purge, embargo_size=embargo
    )
    population = cross_val_predict(model, X, cv=cv)
    return [
        {"mean": float(one.mean), "sharpe": float(one.sharpe_ratio), "sum_by_row": float(weighted(one))}
        for one in population
    ]


def weighted(path):
    """Σ row · return: tells whether every return is at its row."""
    returns = np.asarray(path.returns)
    assert len(returns) == rows
    return np.arange(rows) @ returns


cases = []
for groups, tested, purge, embargo in [(6, 2, 0, 0), (6, 2, 2, 3), (5, 3, 1, 4)]:
    for name, model in [("equal", EqualWeighted()), ("inverse_volatility", InverseVolatility())]:
        cases.append(
            {
                "weights": name,
                "groups": groups,
                "testGroups": tested,
                "purge": purge,
                "embargo": embargo,
                "paths": paths(model, groups, tested, purge, embargo),
            }
        )
(folder / "references.json").write_text(json.dumps({"names": names, "rows": rows, "cases": cases}, indent=1) + "\n")
