"""Prices of 452 stocks of the S&P 500 over 1,258 days of 2003 to 2008, as daily returns:
python stocks.py stockdata.rda > returns (float64, row after row).

The file is R's format of saved objects, version 2, binary: one list, whose first element is a matrix of doubles,
column after column, big-endian. Needs nothing but Python.
"""

import array
import bz2
import sys

DAYS, STOCKS = 1258, 452


def main():
    with open(sys.argv[1], "rb") as file:
        data = bz2.decompress(file.read())
    # The flags of a vector of doubles that has attributes, then its length.
    header = b"\x00\x00\x02\x0e" + (DAYS * STOCKS).to_bytes(4, "big")
    at = data.find(header)
    if not data.startswith(b"RDX2\nX\n") or at < 0:
        sys.exit(f"Cannot read {sys.argv[1]}: it holds no matrix of {DAYS} days of {STOCKS} stocks")
    closes = array.array("d", data[at + 8 : at + 8 + 8 * DAYS * STOCKS])
    if sys.byteorder == "little":
        closes.byteswap()
    returns = array.array("d", bytes(8 * (DAYS - 1) * STOCKS))
    for i in range(STOCKS):
        for t in range(1, DAYS):
            returns[(t - 1) * STOCKS + i] = closes[i * DAYS + t] / closes[i * DAYS + t - 1] - 1
    sys.stdout.buffer.write(returns.tobytes())


main()
