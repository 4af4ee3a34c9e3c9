"""Writes references.json: metrics of real returns as QuantStats, empyrical-reloaded and SciPy see them.

Run: see README.md in this folder.
"""

import json
import pathlib
import warnings

import empyrical
import numpy as np
import pandas as pd
import quantstats.stats as qs
from scipy.stats import norm
from skfolio.datasets import load_sp500_dataset, load_sp500_index

FIRST_DAY = "2018-01-02"
STOCKS = ["AAPL", "AMD", "JPM"]

# (series, first row, row after the last, periods per year, annual risk-free rate)
CASES = [
    ("AAPL", 0, 1257, 252, 0.0),
    ("AMD", 0, 1257, 252, 0.02),
    ("JPM", 0, 1257, 252, 0.0),
    ("equal_weight", 0, 1257, 252, 0.02),
    ("equal_weight", 0, 1257, 365, 0.0),
    ("equal_weight", 500, 752, 252, 0.0),
    ("JPM", 500, 621, 252, 0.01),
    ("AAPL", 1000, 1101, 252, 0.0),
    ("AMD", 100, 121, 252, 0.0),
]


def load_returns():
    """Simple returns from FIRST_DAY on: three stocks, the mix of all twenty, and the index."""
    stocks = load_sp500_dataset().pct_change().loc[FIRST_DAY:]
    returns = stocks[STOCKS].copy()
    returns["equal_weight"] = stocks.mean(axis=1)
    index = load_sp500_index().pct_change().loc[FIRST_DAY:]
    returns["index"] = index.iloc[:, 0]
    assert not returns.isna().any().any()
    return returns


def drawdown_rows(returns):
    """First row below the peak, trough and first row back at the peak (None if there is none)."""
    drawdown = qs.to_drawdown_series(returns).to_numpy()
    trough = int(np.argmin(drawdown))
    start = trough
    while start > 0 and drawdown[start - 1] < 0:
        start -= 1
    back = np.flatnonzero(drawdown[trough:] >= 0)
    return start, trough, int(trough + back[0]) if len(back) else None


def absolute(returns, periods, rf):
    excess = returns - ((1 + rf) ** (1 / periods) - 1)
    start, trough, recovery = drawdown_rows(returns)
    values = returns.to_numpy()
    return {
        "total_return": qs.comp(returns),
        "annualized_return": qs.cagr(returns, periods=periods),
        "annualized_volatility": qs.volatility(returns, periods=periods),
        "sharpe": qs.sharpe(returns, rf=rf, periods=periods),
        "sortino": qs.sortino(returns, rf=rf, periods=periods),
        "calmar": qs.calmar(returns, periods=periods),
        "omega": empyrical.omega_ratio(excess),
        "max_drawdown": qs.max_drawdown(returns),
        "max_drawdown_start": start,
        "max_drawdown_trough": trough,
        "max_drawdown_recovery": recovery,
        "var_95": empyrical.value_at_risk(values),
        "cvar_95": empyrical.conditional_value_at_risk(values),
        "gaussian_var_95": qs.value_at_risk(returns),
        "gaussian_cvar_95": qs.conditional_value_at_risk(returns),
        "skew": qs.skew(returns),
        "kurtosis": qs.kurtosis(returns),
        "tail_ratio": qs.tail_ratio(returns),
        "win_rate": qs.win_rate(returns),
        "profit_factor": qs.profit_factor(returns),
        "probabilistic_sharpe": qs.probabilistic_sharpe_ratio(returns),
    }


def relative(returns, benchmark, periods, rf):
    per_bar = (1 + rf) ** (1 / periods) - 1
    greeks = qs.greeks(returns - per_bar, benchmark - per_bar, periods=periods)

    def annual(series):
        return empyrical.annual_return(series, annualization=periods)

    up, down = benchmark > 0, benchmark < 0
    return {
        "alpha": greeks["alpha"],
        "beta": greeks["beta"],
        "information_ratio": qs.information_ratio(returns, benchmark),
        "tracking_error": empyrical.annual_volatility(returns - benchmark, annualization=periods),
        "up_capture": empyrical.up_capture(returns, benchmark)
        if periods == 252
        else annual(returns[up]) / annual(benchmark[up]),
        "down_capture": empyrical.down_capture(returns, benchmark)
        if periods == 252
        else annual(returns[down]) / annual(benchmark[down]),
    }


def agree_between_libraries(returns, metrics, periods, rf):
    """Where both libraries define a metric they must say the same, or the reference is in doubt."""
    per_bar = (1 + rf) ** (1 / periods) - 1
    others = {
        "annualized_return": empyrical.annual_return(returns, annualization=periods),
        "annualized_volatility": empyrical.annual_volatility(returns, annualization=periods),
        "sharpe": empyrical.sharpe_ratio(returns, per_bar, annualization=periods),
        "sortino": empyrical.sortino_ratio(returns, per_bar, annualization=periods),
        "max_drawdown": empyrical.max_drawdown(returns),
        "calmar": empyrical.calmar_ratio(returns, annualization=periods),
        "cvar_95": qs.conditional_value_at_risk(returns, method="historical"),
        "tail_ratio": empyrical.tail_ratio(returns),
    }
    for name, other in others.items():
        np.testing.assert_allclose(metrics[name], other, rtol=1e-9, err_msg=name)


def normal_points():
    xs = [-8.0, -5.0, -3.0, -1.0, -0.3, 0.0, 0.7, 1.0, 2.5, 6.0]
    ps = [1e-12, 0.001, 0.05, 0.3, 0.5, 0.95, 0.999]
    return {
        "cdf": [[x, float(norm.cdf(x))] for x in xs],
        "quantile": [[p, float(norm.ppf(p))] for p in ps],
    }


def main():
    warnings.simplefilter("ignore")
    frame = load_returns()
    cases = []
    for name, first, after, periods, rf in CASES:
        returns, benchmark = frame[name].iloc[first:after], frame["index"].iloc[first:after]
        metrics = absolute(returns, periods, rf)
        agree_between_libraries(returns, metrics, periods, rf)
        metrics |= relative(returns, benchmark, periods, rf)
        metrics = {key: None if value is None else float(value) for key, value in metrics.items()}
        cases.append(
            {
                "series": name,
                "fromRow": first,
                "toRow": after,
                "periodsPerYear": periods,
                "riskFreeRate": rf,
                "metrics": metrics,
            }
        )
    document = {
        "firstDay": str(frame.index[0].date()),
        "lastDay": str(frame.index[-1].date()),
        # One string a series keeps the file short; repr() loses no bit.
        "returns": {name: " ".join(map(repr, frame[name].tolist())) for name in frame},
        "cases": cases,
        "normal": normal_points(),
    }
    path = pathlib.Path(__file__).with_name("references.json")
    path.write_text(json.dumps(document, indent=2) + "\n")
    print(f"{path.name}: {len(frame)} rows, {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
