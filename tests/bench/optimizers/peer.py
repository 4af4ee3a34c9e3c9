"""Solves portfolio problems by one library: python peer.py LIBRARY REQUEST.json, one JSON line a result.

The request names a file of returns (float64, row after row) and what is asked for; optimizers_bench.ts writes it.
"""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
A = 252
TAIL = 0.05


def skfolio_solvers():
    from skfolio import RiskMeasure
    from skfolio.moments import LedoitWolf
    from skfolio.optimization import (
        HierarchicalEqualRiskContribution,
        HierarchicalRiskParity,
        MaximumDiversification,
        MeanRisk,
        ObjectiveFunction,
        RiskBudgeting,
    )
    from skfolio.prior import EmpiricalPrior

    def shrunk():
        return EmpiricalPrior(covariance_estimator=LedoitWolf())

    def mean_risk(objective, measure=RiskMeasure.VARIANCE, **options):
        return lambda: MeanRisk(
            objective_function=objective, risk_measure=measure, prior_estimator=shrunk(), **options
        )

    return {
        "min_variance": mean_risk(ObjectiveFunction.MINIMIZE_RISK),
        "mean_variance": mean_risk(ObjectiveFunction.MAXIMIZE_UTILITY, risk_aversion=2),
        "max_sharpe": mean_risk(ObjectiveFunction.MAXIMIZE_RATIO),
        "risk_parity": lambda: RiskBudgeting(prior_estimator=shrunk()),
        "hrp": lambda: HierarchicalRiskParity(prior_estimator=shrunk()),
        "herc": lambda: HierarchicalEqualRiskContribution(prior_estimator=shrunk()),
        "max_diversification": lambda: MaximumDiversification(prior_estimator=shrunk()),
        "min_cvar": mean_risk(ObjectiveFunction.MINIMIZE_RISK, RiskMeasure.CVAR),
    }


def from_models(models):
    return {name: (lambda X, make=make: make().fit(X).weights_) for name, make in models.items()}


def pypfopt_solvers():
    from pypfopt import EfficientCVaR, EfficientFrontier, HRPOpt
    from pypfopt.risk_models import CovarianceShrinkage

    def frontier(solve):
        def run(X):
            shrunk = CovarianceShrinkage(X, returns_data=True, frequency=A).ledoit_wolf()
            return solve(EfficientFrontier(X.mean() * A, shrunk))

        return run

    return {
        "min_variance": frontier(lambda p: p.min_volatility()),
        "mean_variance": frontier(lambda p: p.max_quadratic_utility(risk_aversion=4)),
        "max_sharpe": frontier(lambda p: p.max_sharpe(risk_free_rate=0)),
        "hrp": lambda X: HRPOpt(returns=X).optimize(linkage_method="ward"),
        "min_cvar": lambda X: EfficientCVaR(X.mean() * A, X, beta=1 - TAIL).min_cvar(),
    }


def riskfolio_solvers():
    import riskfolio

    def portfolio(solve):
        def run(X):
            problem = riskfolio.Portfolio(returns=X)
            problem.solvers = ["CLARABEL"]
            problem.alpha = TAIL
            problem.assets_stats(method_mu="hist", method_cov="ledoit")
            return solve(problem)

        return run

    def tree(model):
        return lambda X: riskfolio.HCPortfolio(returns=X).optimization(
            model=model, codependence="pearson", method_cov="ledoit", rm="MV", linkage="ward"
        )

    def optimise(**options):
        return portfolio(lambda p: p.optimization(model="Classic", hist=True, **options))

    return {
        "min_variance": optimise(rm="MV", obj="MinRisk"),
        "mean_variance": optimise(rm="MV", obj="Utility", l=2),
        "max_sharpe": optimise(rm="MV", obj="Sharpe"),
        "risk_parity": portfolio(lambda p: p.rp_optimization(model="Classic", rm="MV", hist=True)),
        "hrp": tree("HRP"),
        "herc": tree("HERC"),
        "min_cvar": optimise(rm="CVaR", obj="MinRisk"),
    }


def say(**result):
    print(json.dumps(result), flush=True)


def solves(solve, X, budget_s):
    solve(X)
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < budget_s:
        solve(X)
        count += 1
    return count / (time.perf_counter() - started)


def walk_forward(model, X, request):
    """By skfolio's own WalkForward, over the last windows."""
    from skfolio.model_selection import WalkForward, cross_val_predict

    splits = WalkForward(train_size=request["train"], test_size=request["test"])
    used = request["train"] + request["windows"] * request["test"]
    started = time.perf_counter()
    cross_val_predict(model(), X.iloc[-used:], cv=splits)
    return time.perf_counter() - started


def main():
    library, path = sys.argv[1:]
    with open(path) as file:
        request = json.load(file)
    panel = np.fromfile(request["returns"]).reshape(request["rows"], request["assets"])
    days = pd.bdate_range("2010-01-04", periods=request["rows"])
    returns = pd.DataFrame(panel, index=days, columns=[f"A{i}" for i in range(panel.shape[1])])
    models = skfolio_solvers() if library == "skfolio" else {}
    solvers = {
        "skfolio": lambda: from_models(models),
        "pypfopt": pypfopt_solvers,
        "riskfolio": riskfolio_solvers,
    }[library]()
    for n in request["sizes"]:
        X = returns.iloc[-request["train"] :, :n]
        for profile, solve in solvers.items():
            try:
                say(profile=profile, n=n, solvesPerS=solves(solve, X, request["budgetS"]))
            except Exception as error:  # noqa: BLE001 -- one failure is a cell, not the end
                say(profile=profile, n=n, failed=str(error)[:200])
    for profile, model in models.items():
        try:
            say(profile=profile, walkForwardS=walk_forward(model, returns, request))
        except Exception as error:  # noqa: BLE001 -- as above
            say(profile=profile, failed=str(error)[:200])


main()
