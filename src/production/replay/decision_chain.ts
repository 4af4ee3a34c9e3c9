import { shared, type SharedValue } from "../../flow/mod.ts";
import { barSecondsOf } from "../../quant/calendars/bar_seconds.ts";
import { periodsPerYear } from "../../quant/calendars/periods_per_year.ts";
import type { CalendarId } from "../../quant/calendars/session_calendar.ts";
import type { AssetClusters } from "../../quant/clustering/cluster_assets.ts";
import type { Panel } from "../../quant/panel.ts";
import type { WalkForwardWindow } from "../../quant/walk_forward/walk_forward_windows.ts";
import { backtest } from "../backtest.ts";
import { cluster } from "../clustering.ts";
import type { ProductionContext } from "../context.ts";
import { type Allocated, optimise } from "../optimise.ts";
import { cutWindows } from "../plan.ts";
import { select } from "../selection.ts";
import type { Universe } from "../tasks/window_assets.ts";

/** Does single decisions of a run again, each with what it rests on, by the stages of the production flow themselves. What
 * several decisions rest on is computed once. */
export class DecisionChain {
  readonly #context: ProductionContext;
  readonly #returns: SharedValue<Panel>;
  readonly #windows: readonly WalkForwardWindow[];
  readonly #calendar: CalendarId;
  readonly #yearly: number;
  readonly #universes = new Map<number, Promise<Universe>>();
  readonly #clusters = new Map<number, Promise<AssetClusters | undefined>>();

  /** @param panel the returns of the run
   * @param calendar that its symbols trade by */
  constructor(context: ProductionContext, panel: Panel, calendar: CalendarId) {
    this.#context = context;
    this.#returns = shared(panel);
    this.#windows = cutWindows(panel.timestampsS.length, context.config);
    this.#calendar = calendar;
    this.#yearly = periodsPerYear(calendar, barSecondsOf(panel.timestampsS));
  }

  /** What a window may hold.
   * @param index of the window */
  select(index: number): Promise<Universe> {
    const { mode, refresh } = this.#context.config.selection;
    const decidedAt = mode === "baseline" || refresh === "once" ? 0 : index;
    return memoized(this.#universes, decidedAt, async () => {
      const { universes: [universe] } = await select(
        this.#context,
        [this.#window(decidedAt)],
        this.#returns,
        this.#yearly,
        this.#calendar,
      );
      return universe;
    });
  }

  /** The asset clusters of a window.
   * @param index of the window */
  cluster(index: number): Promise<AssetClusters | undefined> {
    return memoized(this.#clusters, index, async () => {
      const universes = placed(index, await this.select(index));
      const [clusters] = await cluster(
        this.#context,
        [this.#window(index)],
        universes,
        this.#returns,
      );
      return clusters;
    });
  }

  /** The weights of one (window, engine, profile).
   * @param index of the window */
  async optimise(index: number, engine: string, profile: string): Promise<Allocated> {
    const [allocated] = await optimise(
      this.#narrowed({ engines: [engine], profiles: [profile] }),
      [this.#window(index)],
      placed(index, await this.select(index)),
      placed(index, await this.cluster(index)),
      this.#returns,
      this.#yearly,
    );
    return allocated;
  }

  /** The simulation of one engine × simulator × profile, from the weights of all its windows, which are computed again,
   * too. */
  async backtest(engine: string, simulator: string, profile: string): Promise<void> {
    const chain: Allocated[] = [];
    for (const { index } of this.#windows) chain.push(await this.optimise(index, engine, profile));
    const simulated = { engines: [engine], simulators: [simulator], profiles: [profile] };
    await backtest(this.#narrowed(simulated), chain, this.#returns, this.#yearly);
  }

  #window(index: number): WalkForwardWindow {
    const window = this.#windows[index];
    if (window !== undefined) return window;
    throw new Error(`Cannot replay window ${index}: the returns have ${this.#windows.length}`);
  }

  #narrowed(part: Partial<ProductionContext["config"]["backtest"]>): ProductionContext {
    const { config } = this.#context;
    return {
      ...this.#context,
      config: { ...config, backtest: { ...config.backtest, ...part } },
    };
  }
}

/** Stages look up what belongs to a window by its index. */
function placed<T>(index: number, value: T): T[] {
  const values: T[] = [];
  values[index] = value;
  return values;
}

function memoized<T>(known: Map<number, Promise<T>>, key: number, make: () => Promise<T>) {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}
