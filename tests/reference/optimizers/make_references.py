"""Writes references.json: what scikit-learn, SciPy, skfolio and PyPortfolioOpt find on real prices.

See README.md of this folder for the command and the versions.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from pypfopt import HRPOpt
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import squareform
from skfolio import RiskMeasure
from skfolio.datasets import load_sp500_dataset
from skfolio.moments import EmpiricalMu, LedoitWolf
from skfolio.optimization import (
    HierarchicalRiskParity,
    MeanRisk,
    ObjectiveFunction,
    RiskBudgeting,
)
from skfolio.prior import EmpiricalPrior
from skfolio.seriation import HierarchicalSeriation
from sklearn.covariance import ledoit_wolf

ROWS = 252
PERIODS_PER_YEAR = 252
RISK_FREE_RATE = 0.02
MAX_WEIGHT = 0.12
GROUP_CAP = 0.3
LOOKBACKS = [60, 120, 200]
CUT_HEIGHT = 0.7
TIGHT = {
    "tol_gap_abs": 1e-11,
    "tol_gap_rel": 1e-11,
    "tol_feas": 1e-11,
    "max_iter": 500,
}

prices = load_sp500_dataset()
returns = prices.pct_change().iloc[-ROWS:].round(8)
X = returns.to_numpy()
T, N = X.shape
names = list(returns.columns)


def correlation_distance(rows):
    correlation = np.corrcoef(rows, rowvar=False)
    return np.sqrt(np.clip((1 - correlation) / 2, 0, 1))


def tree(distances, method):
    Z = linkage(squareform(distances, checks=False), method)
    return {
        "left": Z[:, 0].astype(int).tolist(),
        "right": Z[:, 1].astype(int).tolist(),
        "heights": Z[:, 2].tolist(),
        "leafOrder": leaves_list(Z).tolist(),
    }


covariance, shrinkage = ledoit_wolf(X)
mu = X.mean(axis=0) * PERIODS_PER_YEAR
sigma = covariance * PERIODS_PER_YEAR

distances = np.mean([correlation_distance(X[-rows:]) for rows in LOOKBACKS], axis=0)
np.fill_diagonal(distances, 0)
ward = linkage(squareform(distances, checks=False), "ward")
labels = fcluster(ward, CUT_HEIGHT, "distance") - 1
# At most four groups for the caps, from the same tree.
groups = fcluster(ward, 4, "maxclust") - 1

prior = EmpiricalPrior(
    mu_estimator=EmpiricalMu(), covariance_estimator=LedoitWolf()
)
group_rows = [[f"group{g}" for g in groups]]
group_constraints = [f"group{g} <= {GROUP_CAP}" for g in sorted(set(groups))]


def solve(model):
    model.fit(returns)
    return np.asarray(model.weights_)


def min_variance(**options):
    return solve(
        MeanRisk(
            risk_measure=RiskMeasure.VARIANCE,
            prior_estimator=prior,
            solver_params=TIGHT,
            **options,
        )
    )


def max_sharpe(**options):
    return solve(
        MeanRisk(
            objective_function=ObjectiveFunction.MAXIMIZE_RATIO,
            risk_measure=RiskMeasure.VARIANCE,
            prior_estimator=prior,
            risk_free_rate=RISK_FREE_RATE / PERIODS_PER_YEAR,
            solver_params=TIGHT,
            **options,
        )
    )


def risk_parity(**options):
    return solve(
        RiskBudgeting(
            risk_measure=RiskMeasure.VARIANCE,
            prior_estimator=prior,
            solver_params=TIGHT,
            **options,
        )
    )


def bisect(**options):
    # In SciPy's own leaf order, as the source of the method has it.
    order = HierarchicalSeriation(optimal_ordering=False)
    return solve(HierarchicalRiskParity(seriation_estimator=order, **options))


def variance(w, matrix=sigma):
    return float(w @ matrix @ w)


def sharpe(w):
    return float((w @ mu - RISK_FREE_RATE) / np.sqrt(variance(w)))


def risk_parity_objective(w):
    return float(0.5 + 0.5 * np.log(variance(w)) - np.log(w).mean())


def case(name, profile, weights, objective, **limits):
    return {
        "name": name,
        "profile": profile,
        **limits,
        "weights": weights.tolist(),
        "objective": objective(weights),
    }


capped = {"max_weights": MAX_WEIGHT}
grouped = {"groups": group_rows, "linear_constraints": group_constraints}
cases = [
    case("skfolio MeanRisk", "min_variance", min_variance(), variance),
    case(
        "skfolio MeanRisk", "min_variance", min_variance(**capped), variance,
        maxWeight=MAX_WEIGHT,
    ),
    case(
        "skfolio MeanRisk", "min_variance", min_variance(**capped, **grouped), variance,
        maxWeight=MAX_WEIGHT, groupCap=GROUP_CAP,
    ),
    case("skfolio MeanRisk", "max_sharpe", max_sharpe(), sharpe),
    case(
        "skfolio MeanRisk", "max_sharpe", max_sharpe(**capped), sharpe,
        maxWeight=MAX_WEIGHT,
    ),
    case(
        "skfolio MeanRisk", "max_sharpe", max_sharpe(**capped, **grouped), sharpe,
        maxWeight=MAX_WEIGHT, groupCap=GROUP_CAP,
    ),
    case(
        "skfolio RiskBudgeting", "risk_parity", risk_parity(), risk_parity_objective
    ),
    case(
        "skfolio RiskBudgeting", "risk_parity", risk_parity(max_weights=0.06),
        risk_parity_objective, maxWeight=0.06,
    ),
    case(
        "skfolio RiskBudgeting", "risk_parity",
        risk_parity(max_weights=0.1, min_weights=0.02, **grouped), risk_parity_objective,
        maxWeight=0.1, minWeight=0.02, groupCap=GROUP_CAP,
    ),
]

# Without a shrunk matrix: PyPortfolioOpt takes the sample covariance and its own tree.
sample = returns.cov().to_numpy() * PERIODS_PER_YEAR
pypfopt_hrp = HRPOpt(returns=returns)
pypfopt_weights = pypfopt_hrp.optimize(linkage_method="ward")
hrp_cases = [
    {
        "name": "PyPortfolioOpt HRPOpt",
        "weights": [float(pypfopt_weights[name]) for name in names],
    },
    {
        "name": "skfolio HierarchicalRiskParity",
        "weights": bisect().tolist(),
    },
    {
        "name": "skfolio HierarchicalRiskParity",
        "maxWeight": 0.08,
        "weights": bisect(max_weights=0.08).tolist(),
    },
    {
        "name": "skfolio HierarchicalRiskParity",
        "maxWeight": 0.08,
        "minWeight": 0.03,
        "weights": bisect(max_weights=0.08, min_weights=0.03).tolist(),
    },
]

packages = ["numpy", "scipy", "scikit-learn", "skfolio", "PyPortfolioOpt", "clarabel"]
references = {
    "madeBy": "python make_references.py",
    "versions": {
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    },
    "source": "skfolio's S&P 500 data set (sp500_dataset.csv.gz of its wheel): "
    f"daily returns of {N} stocks, {returns.index[0].date()} to {returns.index[-1].date()}, "
    "rounded to 8 decimals",
    "symbols": names,
    "T": T,
    "N": N,
    "returns": X.ravel().tolist(),
    "periodsPerYear": PERIODS_PER_YEAR,
    "riskFreeRate": RISK_FREE_RATE,
    "ledoitWolf": {"shrinkage": float(shrinkage), "covariance": covariance.ravel().tolist()},
    "clustering": {
        "lookbacks": LOOKBACKS,
        "distances": distances.ravel().tolist(),
        "ward": tree(distances, "ward"),
        "average": tree(distances, "average"),
        "single": tree(distances, "single"),
        "cutHeight": CUT_HEIGHT,
        "labels": labels.tolist(),
    },
    "groups": groups.tolist(),
    "cases": cases,
    "hrpCases": hrp_cases,
}
path = Path(__file__).with_name("references.json")
path.write_text(json.dumps(references) + "\n")
for entry in cases:
    print(entry["name"], entry["profile"], entry["objective"])
print("clusters", labels.max() + 1, "groups", np.bincount(groups), "shrinkage", shrinkage)
