"""Writes limit_references.json: what scikit-learn, skfolio, PyPortfolioOpt and Riskfolio-Lib find for estimators and
for problems with shorts, trading, betas and tails, on the returns of references.json.

See README.md of this folder for the command and the versions.
"""

import json
import platform
import warnings
from importlib.metadata import version
from pathlib import Path

import cvxpy as cp
import numpy as np
import pandas as pd
import riskfolio
from pypfopt import EfficientCVaR, EfficientFrontier, expected_returns, objective_functions
from skfolio import RiskMeasure
from skfolio.cluster import HierarchicalClustering
from skfolio.distance import PearsonDistance
from skfolio.moments import (
    OAS,
    DenoiseCovariance,
    EWCovariance,
    EWMu,
    LedoitWolf,
    ShrunkMu,
    ShrunkMuMethods,
)
from skfolio.optimization import (
    HierarchicalEqualRiskContribution,
    MaximumDiversification,
    MeanRisk,
    ObjectiveFunction,
)
from skfolio.prior import EmpiricalPrior
from sklearn.covariance import ledoit_wolf

warnings.filterwarnings("ignore")
HALF_LIFE = 40
TIGHT = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-12, "max_iter": 500}
TAIL = 0.05

folder = Path(__file__).parent
base = json.loads((folder / "references.json").read_text())
T, N, A = base["T"], base["N"], base["periodsPerYear"]
rf = base["riskFreeRate"]
X = np.array(base["returns"]).reshape(T, N)
days = pd.bdate_range("2021-12-29", periods=T)
returns = pd.DataFrame(X, columns=base["symbols"], index=days)
sigma = ledoit_wolf(X)[0] * A
mu = X.mean(axis=0) * A
held = np.linspace(1, 3, N) / np.linspace(1, 3, N).sum()
market = X.mean(axis=1)
betas = ((X - X.mean(axis=0)).T @ (market - market.mean())) / ((market - market.mean()) ** 2).sum()


def fitted(model, attribute):
    return getattr(model.fit(returns), attribute)


estimators = {
    "oas": fitted(OAS(), "covariance_").ravel().tolist(),
    "ewma": fitted(EWCovariance(half_life=HALF_LIFE), "covariance_").ravel().tolist(),
    "denoised": fitted(DenoiseCovariance(), "covariance_").ravel().tolist(),
    "ewmaMeans": fitted(EWMu(half_life=HALF_LIFE), "mu_").tolist(),
    "bayesSteinMeans": fitted(
        ShrunkMu(method=ShrunkMuMethods.BAYES_STEIN, vol_weighted_target=True), "mu_"
    ).tolist(),
    "capmMeans": (
        expected_returns.capm_return(
            returns, returns_data=True, risk_free_rate=rf, compounding=False, frequency=A
        )
        / A
    ).tolist(),
}


def variance(w, matrix=sigma):
    return float(w @ matrix @ w)


def utility(w, aversion):
    return float(mu @ w - aversion / 2 * variance(w))


def sharpe(w):
    return float((mu @ w - rf) / np.sqrt(variance(w)))


def cvar(w):
    losses = np.sort(-(X @ w))[::-1]
    rest = TAIL * T
    full = int(rest)
    return float((losses[:full].sum() + (rest - full) * losses[full]) / rest)


def diversification(w):
    return float(w @ np.sqrt(np.diag(sigma)) / np.sqrt(variance(w)))


prior = EmpiricalPrior(covariance_estimator=LedoitWolf())


def skfolio_model(model, **options):
    return np.asarray(fitted(model(prior_estimator=prior, solver_params=TIGHT, **options), "weights_"))


def frontier(bounds=(0, 1)):
    return EfficientFrontier(
        mu, sigma, weight_bounds=bounds, solver="CLARABEL", solver_options=TIGHT
    )


def pypfopt(solve, *, bounds=(0, 1), objectives=(), constraints=()):
    problem = frontier(bounds)
    for function, options in objectives:
        problem.add_objective(function, **options)
    for constraint in constraints:
        problem.add_constraint(constraint)
    solve(problem)
    return np.asarray(problem.weights)


def riskfolio_model(**options):
    portfolio = riskfolio.Portfolio(returns=returns)
    portfolio.solvers = ["CLARABEL"]
    portfolio.sol_params = {"CLARABEL": TIGHT}
    portfolio.assets_stats(method_mu="hist", method_cov="ledoit")
    portfolio.alpha = TAIL
    if options.pop("parity", False):
        return portfolio.rp_optimization(model="Classic", rm="MV", hist=True)["weights"].to_numpy()
    return portfolio.optimization(model="Classic", hist=True, **options)["weights"].to_numpy()


def case(name, profile, weights, objective, **problem):
    return {
        "name": name,
        "profile": profile,
        "problem": problem,
        "weights": weights.tolist(),
        "objective": objective(weights),
    }


def parity(w):
    return float(0.5 + 0.5 * np.log(variance(w)) - np.log(w).mean())


trading = {"held": held.tolist()}
short = dict(lower=-0.2, upper=0.3)
cases = [
    case(
        "PyPortfolioOpt", "mean_variance",
        pypfopt(lambda p: p.max_quadratic_utility(risk_aversion=4)),
        lambda w: utility(w, 4), riskAversion=4,
    ),
    case(
        "skfolio", "mean_variance",
        skfolio_model(
            MeanRisk, objective_function=ObjectiveFunction.MAXIMIZE_UTILITY, risk_aversion=2,
            risk_measure=RiskMeasure.VARIANCE, max_weights=0.2,
        ),
        lambda w: utility(w, 4), riskAversion=4, upper=0.2,
    ),
    case(
        "PyPortfolioOpt", "min_variance",
        pypfopt(lambda p: p.min_volatility(), objectives=[(objective_functions.L2_reg, {"gamma": 0.05})]),
        lambda w: variance(w) + 0.05 * float(w @ w), l2Penalty=0.05,
    ),
    case(
        "PyPortfolioOpt", "min_variance",
        pypfopt(
            lambda p: p.min_volatility(),
            objectives=[(objective_functions.transaction_cost, {"w_prev": held, "k": 0.004})],
        ),
        lambda w: variance(w) + 0.004 * float(np.abs(w - held).sum()),
        trading={**trading, "costRate": 0.004},
    ),
    case(
        "PyPortfolioOpt", "min_variance",
        pypfopt(
            lambda p: p.min_volatility(), constraints=[lambda w: cp.norm1(w - held) <= 0.3]
        ),
        variance, trading={**trading, "costRate": 0, "turnoverLimit": 0.15},
    ),
    case(
        "skfolio", "min_variance",
        skfolio_model(
            MeanRisk, risk_measure=RiskMeasure.VARIANCE, min_weights=-0.2, max_weights=0.3,
            max_short=0.3,
        ),
        variance, **short, grossLimit=1.6,
    ),
    case(
        "PyPortfolioOpt", "max_sharpe",
        pypfopt(lambda p: p.max_sharpe(risk_free_rate=rf), bounds=(-0.2, 0.3)),
        sharpe, **short,
    ),
    case(
        "PyPortfolioOpt", "market_neutral",
        pypfopt(
            lambda p: p.min_volatility(), bounds=(-0.2, 0.3),
            constraints=[lambda w: betas @ w <= 0.05, lambda w: betas @ w >= -0.05],
        ),
        variance, **short, betas=betas.tolist(),
    ),
    case("skfolio", "max_diversification", skfolio_model(MaximumDiversification), diversification),
    case(
        "skfolio", "max_diversification",
        skfolio_model(MaximumDiversification, max_weights=0.1), diversification, upper=0.1,
    ),
    case(
        "skfolio", "min_cvar",
        skfolio_model(MeanRisk, risk_measure=RiskMeasure.CVAR, max_weights=0.2), cvar, upper=0.2,
    ),
    case("Riskfolio-Lib", "min_cvar", riskfolio_model(rm="CVaR", obj="MinRisk"), cvar),
    case("Riskfolio-Lib", "min_variance", riskfolio_model(rm="MV", obj="MinRisk"), variance),
    case("Riskfolio-Lib", "risk_parity", riskfolio_model(parity=True), parity),
]

efficient = EfficientCVaR(mu, returns, beta=1 - TAIL, solver="CLARABEL", solver_options=TIGHT)
efficient.min_cvar()
cases.append(case("PyPortfolioOpt", "min_cvar", np.asarray(efficient.weights), cvar))

herc = HierarchicalEqualRiskContribution(
    distance_estimator=PearsonDistance(),
    hierarchical_clustering_estimator=HierarchicalClustering(max_clusters=4),
).fit(returns)
labels = herc.hierarchical_clustering_estimator_.labels_

path = folder / "limit_references.json"
packages = ["numpy", "scikit-learn", "skfolio", "PyPortfolioOpt", "riskfolio-lib", "clarabel"]
path.write_text(
    json.dumps(
        {
            "madeBy": "python make_limit_references.py",
            "versions": {
                "python": platform.python_version(),
                **{name: version(name) for name in packages},
            },
            "halfLife": HALF_LIFE,
            "estimators": estimators,
            "cases": cases,
            "herc": {"labels": labels.tolist(), "weights": herc.weights_.tolist()},
        }
    )
    + "\n"
)
for entry in cases:
    print(entry["name"], entry["profile"], entry["objective"])
