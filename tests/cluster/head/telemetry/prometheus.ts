/** A metric as a scraper reads it. */
export interface ParsedMetric {
  readonly type: string;
  readonly help: string;
  /** Values by name and labels as they are written. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"`;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const SUFFIXES = ["", "_bucket", "_sum", "_count"];

/** Reads the text format 0.0.4 strictly: HELP and TYPE before the samples of a name, every name once, no sample twice,
 * buckets that only grow and end with +Inf, counts that agree.
 * @throws {Error} naming the line that is wrong */
export function parsePrometheus(text: string): Map<string, ParsedMetric> {
  if (!text.endsWith("\n")) throw new Error("The last line has no end");
  const metrics = new Map<string, { type: string; help: string; samples: Map<string, number> }>();
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line);
    if (comment !== null) {
      const [, keyword, name, rest] = comment;
      if (keyword === "HELP") {
        if (metrics.has(name)) throw new Error(`Twice: ${line}`);
        metrics.set(name, { type: "", help: rest, samples: new Map() });
        current = name;
      } else {
        const metric = metrics.get(name);
        if (metric === undefined || name !== current || metric.samples.size > 0) {
          throw new Error(`TYPE is not right after HELP: ${line}`);
        }
        if (!["counter", "gauge", "histogram"].includes(rest)) throw new Error(`Unknown: ${line}`);
        metric.type = rest;
      }
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null) throw new Error(`No sample: ${line}`);
    const [, name, labels, value] = sample;
    const metric = metrics.get(current);
    const mayEnd = metric?.type === "histogram" ? SUFFIXES.slice(1) : [""];
    if (metric === undefined || !mayEnd.some((suffix) => name === current + suffix)) {
      throw new Error(`Not of ${current}: ${line}`);
    }
    const key = labels === undefined ? name : `${name}{${labels}}`;
    if (metric.samples.has(key)) throw new Error(`Twice: ${line}`);
    metric.samples.set(key, readNumber(value, line));
  }
  for (const [name, metric] of metrics) check(name, metric);
  return metrics;
}

function readNumber(text: string, line: string): number {
  if (text === "+Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  const value = Number(text);
  if (Number.isNaN(value) && text !== "NaN") throw new Error(`No number: ${line}`);
  return value;
}

function check(name: string, { type, samples }: ParsedMetric): void {
  if (type === "") throw new Error(`${name} has no TYPE`);
  if (type === "counter") {
    if (!name.endsWith("_total")) throw new Error(`The counter ${name} does not end with _total`);
    for (const value of samples.values()) if (!(value >= 0)) throw new Error(`${name} is ${value}`);
  }
  if (type !== "histogram") return;
  const buckets = [...samples].filter(([key]) => key.startsWith(`${name}_bucket`));
  const last = buckets.at(-1);
  for (let i = 1; i < buckets.length; i++) {
    if (buckets[i][1] < buckets[i - 1][1]) throw new Error(`${buckets[i][0]} shrinks`);
  }
  if (last?.[0] !== `${name}_bucket{le="+Inf"}` || last[1] !== samples.get(`${name}_count`)) {
    throw new Error(`The buckets of ${name} do not end with all of its values`);
  }
  if (samples.get(`${name}_sum`) === undefined) throw new Error(`${name} has no sum`);
}
