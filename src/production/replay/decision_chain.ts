import { shared, type SharedValue } from "../../flow/mod.ts";
import { barSecondsOf } from "../../quant/calendars/bar_seconds.ts";
import { periodsPerYear } from "../../quant/calendars/periods_per_year.ts";
import type { CalendarId } from "../../quant/calendars/session_calendar.ts";
import type { Panel } from "../../quant/panel.ts";
import type { WalkForwardWindow } from "../../quant/walk_forward/walk_forward_windows.ts";
import { backtest } from "../backtest.ts";
import { cluster, type WindowClusters } from "../clustering.ts";
import type { ProductionContext } from "../context.ts";
import { ANY, type Candidate, narrowedTo, type WeightsChain } from "../grid.ts";
import { testOne, trainOne } from "../cross_validation.ts";
import { followsHoldings } from "../held_weights.ts";
import { readMarketBars } from "../market_bars.ts";
import { type Allocated, optimise } from "../optimise.ts";
import { cutSplits, cutWindows } from "../plan.ts";
import { regimeReports } from "../report_parts/regime_reports.ts";
import { select, type Universes } from "../selection.ts";
import type { PathsCandidate } from "../tasks/test_paths.ts";
import type { WindowWeights } from "../tasks/optimise_window.ts";

/** Does single decisions of a run again, each with what it rests on, by the stages of the production flow themselves. What
 * several decisions rest on is computed once. */
export class DecisionChain {
  readonly #context: ProductionContext;
  readonly #returns: SharedValue<Panel>;
  readonly #windows: readonly WalkForwardWindow[];
  readonly #calendar: CalendarId;
  readonly #yearly: number;
  readonly #universes = new Map<string, Promise<Universes>>();
  readonly #allocated = new Map<string, Promise<Allocated>>();
  readonly #trained = new Map<string, Promise<readonly WindowWeights[]>>();
  readonly #clusters = new Map<string, Promise<WindowClusters>>();

  /** @param panel the returns of the run
   * @param calendar that its symbols trade by */
  constructor(context: ProductionContext, panel: Panel, calendar: CalendarId) {
    this.#context = context;
    this.#returns = shared(panel);
    this.#windows = cutWindows(panel.timestampsS.length, context.config);
    this.#calendar = calendar;
    this.#yearly = periodsPerYear(calendar, barSecondsOf(panel.timestampsS));
  }

  /** What a window may hold by a mode of selection.
   * @param index of the window */
  select(index: number, mode: string): Promise<Universes> {
    const { refresh } = this.#context.config.selection;
    const decidedAt = mode === "baseline" || mode === ANY || refresh === "once" ? 0 : index;
    return memoized(this.#universes, `${mode} ${decidedAt}`, async () => {
      const { universes } = await select(
        this.#narrowed({ selection: mode }),
        [this.#window(decidedAt)],
        this.#returns,
        this.#yearly,
        this.#calendar,
      );
      return universes;
    });
  }

  /** The asset clusters of a window by a mode of selection.
   * @param index of the window */
  cluster(index: number, mode: string): Promise<WindowClusters> {
    return memoized(this.#clusters, `${mode} ${index}`, async () =>
      cluster(
        this.#narrowed({ selection: mode }),
        [this.#window(index)],
        await this.select(index, mode),
        this.#returns,
      ));
  }

  /** The weights of one (window, selection, engine, profile), and where they depend on what is held, of all windows before.
   * @param index of the window */
  optimise(index: number, { selection, engine, profile }: WeightsChain): Promise<Allocated> {
    const chain = { selection, engine, profile };
    return memoized(this.#allocated, JSON.stringify([index, chain]), async () => {
      const context = this.#narrowed(chain);
      const before = index > 0 && followsHoldings(context.config)
        ? await this.optimise(index - 1, chain)
        : undefined;
      const [allocated] = await optimise(
        context,
        [this.#window(index)],
        await this.select(index, selection),
        await this.cluster(index, selection),
        this.#returns,
        this.#yearly,
        before,
      );
      return allocated;
    });
  }

  /** Where the market was at each window. */
  async readRegimes(): Promise<void> {
    await regimeReports(this.#context, this.#returns, this.#windows, this.#yearly);
  }

  /** The simulation of one candidate, from the weights of all its windows, which are computed again, too. */
  async backtest(candidate: Candidate): Promise<void> {
    const chain: Allocated[] = [];
    for (const { index } of this.#windows) chain.push(await this.optimise(index, candidate));
    const context = this.#narrowed(candidate);
    await backtest(context, chain, {
      returns: this.#returns,
      bars: await readMarketBars(context, this.#returns.value),
      periodsPerYear: this.#yearly,
      calendar: this.#calendar,
    });
  }

  /** The weights of all chains of the grid, trained on one split of the cross-validation.
   * @param index of the split */
  crossTrain(index: number): Promise<readonly WindowWeights[]> {
    return memoized(
      this.#trained,
      String(index),
      () => trainOne(this.#context, index, this.#returns, this.#yearly),
    );
  }

  /** One chain of weights along all paths of the cross-validation, whose splits are trained again, too. */
  async crossTest(candidate: PathsCandidate): Promise<void> {
    const cut = cutSplits(this.#returns.value.timestampsS.length, this.#context.config);
    if (cut === undefined) {
      throw new Error("Cannot replay a cross-validation: the configuration asks for none");
    }
    const trained = await Promise.all(cut.splits.map(({ index }) => this.crossTrain(index)));
    await testOne(
      this.#context,
      candidate,
      trained,
      cut.settings,
      this.#returns,
      this.#yearly,
    );
  }

  #window(index: number): WalkForwardWindow {
    const window = this.#windows[index];
    if (window !== undefined) return window;
    throw new Error(`Cannot replay window ${index}: the returns have ${this.#windows.length}`);
  }

  #narrowed(part: Pick<WeightsChain, "selection"> & Partial<Candidate>): ProductionContext {
    const { config } = this.#context;
    const { engine = ANY, profile = ANY } = part;
    return { ...this.#context, config: narrowedTo(config, { engine, profile, ...part }) };
  }
}

function memoized<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>) {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}
