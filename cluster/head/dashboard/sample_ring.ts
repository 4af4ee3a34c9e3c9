import { countsByState, loadView } from "../../scheduler/mod.ts";
import type { SchedulerState } from "../../scheduler/mod.ts";
import type { AttemptDigest } from "./attempt_digest.ts";
import type { Sample, Series } from "./schemas/cluster.ts";

const STEP_MS = 1_000;
/** A quarter of an hour. */
const MAX_SAMPLES = 900;

/** PURE: the newest seconds of a cluster. Of the time before the first sample it knows what the digest does. */
export class SampleRing {
  readonly #state: SchedulerState;
  readonly #digest: AttemptDigest;
  readonly #samples: Sample[] = [];

  constructor(state: SchedulerState, digest: AttemptDigest) {
    this.#state = state;
    this.#digest = digest;
  }

  /** Takes a sample; of one second the first counts. */
  take(nowMs: number): void {
    const second = Math.floor(nowMs / STEP_MS);
    if (this.#samples.at(-1)?.atMs === second * STEP_MS) return;
    this.#samples.push(this.#sampleOf(second));
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }

  /** The newest sample. */
  latest(nowMs: number): Sample {
    return this.#samples.at(-1) ?? this.#sampleOf(Math.floor(nowMs / STEP_MS));
  }

  /** The last quarter of an hour, a point each second. */
  series(nowMs: number): Series {
    const last = Math.floor(nowMs / STEP_MS) - 1;
    const taken = new Map(this.#samples.map((sample) => [sample.atMs / STEP_MS, sample]));
    const seconds = Array.from({ length: MAX_SAMPLES }, (_, i) => last - MAX_SAMPLES + 1 + i);
    const points = seconds.map((second) => taken.get(second) ?? this.#endsOf(second));
    const column = (name: keyof Sample) => points.map((point) => point[name]);
    return {
      stepMs: STEP_MS,
      measuredFromMs: this.#samples[0]?.atMs ?? nowMs,
      atMs: column("atMs"),
      endedPerSecond: column("endedPerSecond"),
      failedPerSecond: column("failedPerSecond"),
      running: column("running"),
      ready: column("ready"),
      cpusReserved: column("cpusReserved"),
      cpusTotal: column("cpusTotal"),
    };
  }

  /** What ended in the second before: that one is complete. */
  #sampleOf(second: number): Sample {
    const { running, assigned, ready } = countsByState(this.#state);
    const { reserved, capacity } = loadView(this.#state);
    return {
      ...this.#endsOf(second - 1),
      atMs: second * STEP_MS,
      running: running + assigned,
      ready,
      cpusReserved: reserved.get("cpus") ?? 0,
      cpusTotal: capacity.get("cpus") ?? 0,
    };
  }

  #endsOf(second: number): Sample {
    const { ended, failed } = this.#digest.endedIn(second);
    return {
      atMs: second * STEP_MS,
      endedPerSecond: ended,
      failedPerSecond: failed,
      running: 0,
      ready: 0,
      cpusReserved: 0,
      cpusTotal: 0,
    };
  }
}
