"""Writes references.json: weights of four sleeves by skfolio, PyPortfolioOpt and pandas.

See README.md of this folder for the command and the versions.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from pypfopt import EfficientFrontier
from skfolio import RiskMeasure
from skfolio.datasets import load_sp500_dataset
from skfolio.moments import EmpiricalMu, LedoitWolf
from skfolio.optimization import HierarchicalRiskParity, RiskBudgeting
from skfolio.prior import EmpiricalPrior
from skfolio.seriation import HierarchicalSeriation
from sklearn.covariance import ledoit_wolf

ROWS = 252
PERIODS_PER_YEAR = 252
MIN_WEIGHT = 0.05
MAX_WEIGHT = 0.5
TIGHT = {
    "tol_gap_abs": 1e-12,
    "tol_gap_rel": 1e-12,
    "tol_feas": 1e-12,
    "max_iter": 500,
}

stocks = load_sp500_dataset().pct_change().iloc[-ROWS:]
# A sleeve is the equally weighted mix of five stocks; the last one holds half cash.
sleeves = pd.DataFrame(
    {f"sleeve{k}": stocks.iloc[:, 5 * k : 5 * k + 5].mean(axis=1) for k in range(4)}
)
sleeves["sleeve3"] /= 2
sleeves = sleeves.round(8)
X = sleeves.to_numpy()
covariance, _ = ledoit_wolf(X)
mu = X.mean(axis=0) * PERIODS_PER_YEAR
sigma = covariance * PERIODS_PER_YEAR
prior = EmpiricalPrior(mu_estimator=EmpiricalMu(), covariance_estimator=LedoitWolf())
bounds = {"min_weights": MIN_WEIGHT, "max_weights": MAX_WEIGHT}


def hrp(**options):
    order = HierarchicalSeriation(optimal_ordering=False)
    model = HierarchicalRiskParity(
        prior_estimator=prior, seriation_estimator=order, **options
    )
    return model.fit(sleeves).weights_.tolist()


def risk_parity(**options):
    model = RiskBudgeting(
        risk_measure=RiskMeasure.VARIANCE,
        prior_estimator=prior,
        solver_params=TIGHT,
        **options,
    )
    return model.fit(sleeves).weights_.tolist()


def frontier(objective, least=0.0, most=1.0):
    model = EfficientFrontier(
        mu, sigma, weight_bounds=(least, most), solver="CLARABEL", solver_options=TIGHT
    )
    getattr(model, objective)(**({"risk_free_rate": 0.0} if objective == "max_sharpe" else {}))
    return [float(w) for w in model.weights]


def case(library, profile, weights, is_bounded):
    limits = {"minWeight": MIN_WEIGHT, "maxWeight": MAX_WEIGHT} if is_bounded else {
        "minWeight": 0, "maxWeight": 1
    }
    return {"library": library, "profile": profile, **limits, "weights": weights}


limited = {"least": MIN_WEIGHT, "most": MAX_WEIGHT}
cases = [
    case("skfolio HierarchicalRiskParity", "hrp", hrp(), False),
    case("skfolio HierarchicalRiskParity", "hrp", hrp(**bounds), True),
    case("skfolio RiskBudgeting", "risk_parity", risk_parity(), False),
    case("skfolio RiskBudgeting", "risk_parity", risk_parity(**bounds), True),
    case("PyPortfolioOpt min_volatility", "min_variance", frontier("min_volatility"), False),
    case("PyPortfolioOpt min_volatility", "min_variance", frontier("min_volatility", **limited), True),
    case("PyPortfolioOpt max_sharpe", "max_sharpe", frontier("max_sharpe", **limited), True),
]

# A join on shared days: the first sleeve trades on every day, the second one on weekdays alone.
days = pd.date_range("2024-01-05", "2024-01-17", freq="D")
rng = np.random.default_rng(7)
daily = pd.Series(rng.normal(0, 0.02, len(days)).round(6), days)
weekdays = daily[daily.index.day_of_week < 5].mul(0.5).round(6)
wealth = (1 + daily).cumprod()
joined = wealth[weekdays.index].pct_change()
# The first shared day has the return of that day alone.
joined.iloc[0] = daily.iloc[0]

out = {
    "versions": {
        "python": platform.python_version(),
        **{
            name: version(name)
            for name in ("skfolio", "PyPortfolioOpt", "scikit-learn", "clarabel", "pandas")
        },
    },
    "periodsPerYear": PERIODS_PER_YEAR,
    "T": ROWS,
    "N": 4,
    "returns": X.ravel().tolist(),
    "cases": cases,
    "join": {
        "dailyDays": [day.strftime("%Y-%m-%d") for day in days],
        "daily": daily.tolist(),
        "weekdayDays": [day.strftime("%Y-%m-%d") for day in weekdays.index],
        "weekdays": weekdays.tolist(),
        "joined": joined.tolist(),
    },
}
path = Path(__file__).with_name("references.json")
path.write_text(json.dumps(out, indent=1) + "\n")
