import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { formatAmount, formatClock } from "../format.ts";
import { onColoursChanged } from "../theme.ts";

/** A line of a chart. */
export interface ChartLine {
  readonly label: string;
  /** The CSS custom property of its colour. */
  readonly colour: string;
  /** Null: nobody measured it. */
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
  readonly isDashed?: boolean;
}

const HEIGHT_PX = 168;

/** Lines over time, with their newest values in words. */
export function Chart({ title, unit, atMs, lines }: {
  readonly title: string;
  readonly unit: string;
  readonly atMs: readonly number[];
  readonly lines: readonly ChartLine[];
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = [atMs.map((ms) => ms / 1e3), ...lines.map(({ values }) => [...values])];
  const newest = useRef(data);
  newest.current = data;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsOf(element, lines, unit),
        newest.current as uPlot.AlignedData,
        element,
      );
    };
    draw();
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX })
    );
    observer.observe(element);
    const ignoreColours = onColoursChanged(draw);
    return () => {
      observer.disconnect();
      ignoreColours();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [atMs, lines]);
  const words = lines.map(({ label, values }) => `${label} ${formatAmount(values.at(-1) ?? 0)}`);
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        {lines.map(({ label, colour, values, isDashed }) => (
          <span class="key" key={label}>
            <svg viewBox="0 0 14 4" aria-hidden="true" style={{ color: `var(${colour})` }}>
              <path d="M0 2h14" stroke-dasharray={isDashed ? "3 2" : undefined} />
            </svg>
            {label} <b>{formatAmount(values.at(-1) ?? 0)}</b>
          </span>
        ))}
        <span class="unit">{unit}</span>
      </figcaption>
      <div
        ref={box}
        class="plot"
        role="img"
        aria-label={`${title}, now: ${words.join(", ")} ${unit}`}
      />
    </figure>
  );
}

function optionsOf(element: HTMLElement, lines: readonly ChartLine[], unit: string): uPlot.Options {
  const style = getComputedStyle(element);
  const colourOf = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colourOf("--soft"),
    grid: { stroke: colourOf("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, points: { size: 5 } },
    padding: [8, 18, 0, 0],
    scales: { y: { range: (_, min, max) => [Math.min(0, min), max > 0 ? max * 1.08 : 1] } },
    axes: [
      { ...axis, size: 24, values: (_, ticks) => ticks.map(clockOf) },
      {
        ...axis,
        size: 46,
        values: (_, ticks) =>
          ticks.map((tick) => Math.abs(tick) >= 1e4 ? `${tick / 1e3}k` : String(tick)),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, isFilled, isDashed }) => ({
        label: `${label} ${unit}`,
        stroke: colourOf(colour),
        width: 1.5,
        ...(isFilled && { fill: `${colourOf(colour)}22` }),
        ...(isDashed && { dash: [4, 3] }),
        points: { show: false },
      })),
    ],
  };
}

/** Hours and minutes; with seconds where ticks are closer than that. */
function clockOf(seconds: number): string {
  const clock = formatClock(seconds * 1e3);
  return seconds % 60 === 0 ? clock.slice(0, 5) : clock;
}
