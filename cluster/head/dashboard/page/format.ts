/** What stands where there is no value. */
export const NOTHING = "–";

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const ONE_DIGIT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** A count with separators: 12,345. */
export function formatCount(value: number): string {
  return NUMBER.format(value);
}

/** A measure, with a digit below ten: 3.4, 120. */
export function formatAmount(value: number): string {
  return Math.abs(value) < 10 ? ONE_DIGIT.format(value) : NUMBER.format(value);
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A size: 512 B, 1.5 MiB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < BYTE_UNITS.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${unit === 0 ? NUMBER.format(value) : formatAmount(value)} ${BYTE_UNITS[unit]}`;
}

/** A span of time in its two largest units: 840 ms, 4.2 s, 3 min 10 s, 2 h 5 min, 3 d 4 h. */
export function formatDuration(ms: number): string {
  if (!(ms >= 0)) return NOTHING;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds < 10 ? ONE_DIGIT.format(seconds) : Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago something was: "12 s ago". */
export function formatAge(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  if (ms < 1_000) return "now";
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

/** A time of the viewer's clock: 2026-11-24 13:05:09. */
export function formatTime(atMs: number): string {
  const date = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${formatClock(atMs)}`;
}

/** The same without its day. */
export function formatClock(atMs: number): string {
  const date = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A share of a whole: 42 %. */
export function formatPercent(fraction: number): string {
  return `${NUMBER.format(100 * fraction)} %`;
}

/** Money: $0.42, $12.30. */
export function formatUsd(value: number): string {
  return `$${value.toFixed(value < 0.1 && value > 0 ? 4 : 2)}`;
}

/** An amount of a resource: memory in bytes, anything else as it is. */
export function formatResource(name: string, amount: number): string {
  return /bytes$/i.test(name) ? formatBytes(amount) : formatAmount(amount);
}

const NATURAL = new Intl.Collator("en", { numeric: true });

/** The order of names for people: node-2 before node-10. */
export function compareNames(a: string, b: string): number {
  return NATURAL.compare(a, b);
}

/** The name of a resource for people: `memoryBytes` is memory. */
export function resourceLabel(name: string): string {
  return name.replace(/Bytes$/, "");
}
