import { UserError } from "../../base/errors.ts";
import type { Rng } from "../../base/rng.ts";
import type { WaitingClock } from "../../base/waiting_clock.ts";
import type { SourceConfig } from "../../manifest/sources_config.ts";
import type { CalendarId } from "../../quant/calendars/session_calendar.ts";
import type { BarSource } from "./bar_source.ts";
import { BinanceSource } from "./binance_source.ts";
import { FilesSource } from "./files_source.ts";
import { HttpDoor } from "./http_door.ts";
import { StooqSource } from "./stooq_source.ts";
import { YahooSource } from "./yahoo_source.ts";

const DEFAULT_BURST = 5;

/** A source, and what its symbols have in common. */
export interface NamedSource {
  readonly source: BarSource;
  /** Null when its symbols are known by their tickers alone. */
  readonly exchange: string | null;
  readonly calendar: CalendarId;
}

/** Public servers, and how often these may be asked. */
const SERVERS = {
  binance: { url: "https://api.binance.com", perSecond: 10, exchange: "BINANCE", calendar: "24x7" },
  stooq: { url: "https://stooq.com", perSecond: 1, exchange: "STOOQ", calendar: "XNYS" },
  yahoo: {
    url: "https://query1.finance.yahoo.com",
    perSecond: 2,
    exchange: "YAHOO",
    calendar: "XNYS",
  },
} as const;

/** Makes a source of the manifest; nothing is asked of it yet.
 * @param name of the source, for messages
 * @throws {UserError} for a pattern that is no absolute path */
export function makeSource(
  name: string,
  config: SourceConfig,
  clock: WaitingClock,
  rng: Rng,
): NamedSource {
  if (config.type === "files") {
    const { files, exchange = null, calendar = "XNYS", asset_type = "equity" } = config;
    if (!files.startsWith("/")) {
      throw new UserError(
        "dataops/bad-source",
        `Cannot use sources.${name}.files ${JSON.stringify(files)}: no full path`,
      );
    }
    const { folder, pattern } = splitPattern(files);
    return { source: new FilesSource(folder, pattern, asset_type), exchange, calendar };
  }
  const server = SERVERS[config.type];
  const { url = server.url, exchange = server.exchange, calendar = server.calendar } = config;
  const door = new HttpDoor({
    name: `source ${name}`,
    requestsPerSecond: config.requests_per_second ?? server.perSecond,
    burst: config.burst ?? DEFAULT_BURST,
    clock,
    rng,
  });
  switch (config.type) {
    case "binance":
      return {
        source: new BinanceSource(door, url, config.fee_bps ?? NaN),
        exchange,
        calendar,
      };
    case "stooq":
      return { source: new StooqSource(door, url, config.suffix ?? ".us"), exchange, calendar };
    case "yahoo":
      return { source: new YahooSource(door, url), exchange, calendar };
  }
}

/** The folder that a pattern surely is in, and the rest. */
function splitPattern(path: string): { folder: string; pattern: string } {
  const parts = path.split("/");
  const at = parts.findIndex((part) => /[*?[{]/.test(part));
  const cut = at < 0 ? parts.length - 1 : at;
  return { folder: parts.slice(0, cut).join("/") || "/", pattern: parts.slice(cut).join("/") };
}
