"""The profiles of the benches as skfolio, PyPortfolioOpt and Riskfolio-Lib pose them."""

A = 252
TAIL = 0.05


def skfolio_models():
    """Makers of unfitted estimators, by profile."""
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


def skfolio_solvers():
    """As pypfopt_solvers."""
    return {
        name: (lambda X, make=make: make().fit(X).weights_)
        for name, make in skfolio_models().items()
    }


def pypfopt_solvers():
    """From a table of returns to weights, by profile."""
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
    """As pypfopt_solvers."""
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
