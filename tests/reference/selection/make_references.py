"""Writes references.json: measures of single series as statsmodels, antropy, SciPy and NumPy see them.

Run: see README.md in this folder.
"""

import json
import pathlib
import warnings

import antropy
import numpy as np
from scipy.stats import kurtosis, skew
from statsmodels.tsa.stattools import acf, adfuller

CASES = [("walk", 300), ("walk", 120), ("walk", 40), ("mean_reverting", 252), ("trending", 200), ("wild", 252)]


def make_returns(rng, kind, rows):
    """Simple returns of a market of one kind."""
    noise = rng.standard_normal(rows)
    if kind == "walk":
        return 0.01 * noise
    if kind == "trending":
        return 0.004 + 0.01 * noise
    if kind == "wild":
        return 0.02 * rng.standard_t(3, rows)
    level, returns = 0.0, []
    for shock in noise:
        returns.append(-0.4 * level + 0.01 * shock)
        level += returns[-1]
    return np.array(returns)


def hurst(path, max_lag):
    """Slope of ln mean|X(t + lag) - X(t)| on ln lag."""
    lags = np.arange(1, max_lag + 1)
    moves = [np.mean(np.abs(path[lag:] - path[:-lag])) for lag in lags]
    return np.polyfit(np.log(lags), np.log(moves), 1)[0]


def measure(returns):
    path = np.concatenate([[0.0], np.cumsum(np.log1p(returns))])
    statistic, p_value, lags = adfuller(path)[:3]
    even = returns[len(returns) % 2 :].reshape(-1, 2)
    detail = (even[:, 1] - even[:, 0]) / np.sqrt(2)
    count = int(np.floor(0.05 * (len(returns) - 1))) + 1
    return {
        "adf_statistic": statistic,
        "adf_p_value": p_value,
        "adf_lags": lags,
        "adf_p_value_of_returns": adfuller(returns)[1],
        "permutation_entropy": antropy.perm_entropy(returns, order=5, delay=1, normalize=True),
        "hurst": hurst(path, min(19, len(returns) // 2)),
        "absolute_autocorrelation": acf(np.abs(returns), nlags=1)[1],
        "turbulence": np.sum(detail**2) / np.sum(even**2),
        "skew": skew(returns, bias=False),
        "kurtosis": kurtosis(returns, bias=False),
        "volatility_ratio": np.std(returns[-10:], ddof=1) / np.std(returns, ddof=1),
        "efficiency": abs(np.sum(returns)) / np.sum(np.abs(returns)),
        "cvar": np.mean(np.sort(returns)[:count]),
    }


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(20260101)
    cases = []
    for kind, rows in CASES:
        returns = make_returns(rng, kind, rows)
        cases.append(
            {
                "kind": kind,
                # One string a series keeps the file short; repr() loses no bit.
                "returns": " ".join(map(repr, returns.tolist())),
                "measures": {name: float(value) for name, value in measure(returns).items()},
            }
        )
    path = pathlib.Path(__file__).with_name("references.json")
    path.write_text(json.dumps(cases, indent=2) + "\n")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
