/** Makes crypto_synthetic.parquet: invented prices of coins that do not exist; README.md has the command. */
import { createRng, type Rng } from "../src/base/rng.ts";
import { writeColumns } from "../src/lakehouse/parquet/parquet_file.ts";
import type { Panel } from "../src/quant/panel.ts";

const SEED = 20200101;
const DAYS = 1096;
const SECONDS_PER_DAY = 86_400;
const FIRST_DAY_S = Date.UTC(2020, 0, 1) / 1000;

const MARKET_DAILY_VOL = 0.03;
const MARKET_DAILY_DRIFT = 0.0012;
/** Degrees of freedom of all shocks: few, for fat tails. */
const TAIL_DEGREES = 4;
/** The logarithm of volatility is an AR(1) process with this memory and this noise a day. */
const VOL_PERSISTENCE = 0.97;
const VOL_NOISE = 0.12;
const MAX_DAILY_LOG_RETURN = 0.5;
const SIGNIFICANT_DIGITS = 6;

interface Coin {
  readonly symbol: string;
  readonly price: number;
  /** Loading on the factor of the whole market, and on that of smaller coins. */
  readonly beta: number;
  readonly altBeta: number;
  readonly ownDailyVol: number;
  readonly dailyDrift: number;
  /** Days after the first one on which it is first quoted. */
  readonly listedAfterDays: number;
}

const coin = (
  symbol: string,
  price: number,
  beta: number,
  altBeta: number,
  ownDailyVol: number,
  dailyDrift: number,
  listedAfterDays = 0,
): Coin => ({ symbol, price, beta, altBeta, ownDailyVol, dailyDrift, listedAfterDays });

const COINS: readonly Coin[] = [
  coin("SYN_BTC", 7200, 1.0, 0.0, 0.010, 0.0002),
  coin("SYN_ETH", 130, 1.1, 0.3, 0.016, 0.0004),
  coin("SYN_XRP", 0.19, 0.9, 0.5, 0.030, -0.0006),
  coin("SYN_LTC", 41, 1.0, 0.4, 0.018, -0.0007),
  coin("SYN_BCH", 204, 1.0, 0.5, 0.022, -0.0010),
  coin("SYN_ADA", 0.033, 1.0, 0.8, 0.028, 0.0004),
  coin("SYN_LINK", 1.75, 1.0, 0.8, 0.034, 0.0004),
  coin("SYN_XLM", 0.045, 0.9, 0.7, 0.028, -0.0005),
  coin("SYN_DOGE", 0.002, 0.8, 0.6, 0.050, 0.0008),
  coin("SYN_SOL", 0.8, 1.1, 1.0, 0.042, 0.0010, 101),
  coin("SYN_AVAX", 5.3, 1.1, 1.0, 0.044, 0.0003, 265),
  coin("SYN_APT", 8.1, 1.1, 1.0, 0.046, -0.0008, 640),
];

/** Invented daily closes, every day of the week, of {@linkcode COINS}: two factors and a shock of its own move a
 * coin, volatility comes in spells, and tails are fat; before a coin is listed there are holes.
 * @returns 1,096 days × 12 coins, rounded to six digits so that the last bit of no function matters */
export function syntheticCryptoPrices(): Panel {
  const rng = createRng(SEED);
  const width = COINS.length;
  const values = new Float64Array(DAYS * width).fill(NaN);
  const prices = COINS.map(({ price }) => price);
  let logVol = 0;
  for (let day = 0; day < DAYS; day++) {
    logVol = VOL_PERSISTENCE * logVol + VOL_NOISE * rng.normal();
    const spell = Math.exp(logVol);
    const market = MARKET_DAILY_DRIFT + MARKET_DAILY_VOL * spell * fatTailed(rng);
    const alts = 0.6 * MARKET_DAILY_VOL * spell * fatTailed(rng);
    COINS.forEach((one, j) => {
      const shock = one.ownDailyVol * spell * fatTailed(rng);
      const move = one.dailyDrift - 0.0008 + one.beta * market + one.altBeta * alts + shock;
      if (day < one.listedAfterDays) return;
      const clipped = Math.max(-MAX_DAILY_LOG_RETURN, Math.min(MAX_DAILY_LOG_RETURN, move));
      prices[j] *= Math.exp(clipped);
      values[day * width + j] = Number(prices[j].toPrecision(SIGNIFICANT_DIGITS));
    });
  }
  return {
    timestampsS: Float64Array.from({ length: DAYS }, (_, i) => FIRST_DAY_S + i * SECONDS_PER_DAY),
    symbols: COINS.map(({ symbol }) => symbol),
    values,
  };
}

/** A draw from Student's t, scaled to variance 1. */
function fatTailed(rng: Rng): number {
  let squares = 0;
  for (let k = 0; k < TAIL_DEGREES; k++) squares += rng.normal() ** 2;
  return rng.normal() / Math.sqrt(squares / TAIL_DEGREES) *
    Math.sqrt((TAIL_DEGREES - 2) / TAIL_DEGREES);
}

if (import.meta.main) {
  const { timestampsS, symbols, values } = syntheticCryptoPrices();
  await writeColumns(new URL("crypto_synthetic.parquet", import.meta.url).pathname, [
    { name: "date", dtype: "date", values: timestampsS },
    ...symbols.map((name, j) => ({
      name,
      dtype: "f64" as const,
      values: Float64Array.from(timestampsS, (_, i) => values[i * symbols.length + j]),
    })),
  ]);
}
