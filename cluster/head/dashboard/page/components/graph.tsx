import type { RunEdge, RunStage } from "../../schemas/runs.ts";
import { formatCount } from "../format.ts";
import { layoutGraph } from "../graph_layout.ts";

const BOX_WIDTH = 132;
const BOX_HEIGHT = 46;
const GAP_X = 34;
const GAP_Y = 14;
const MARGIN = 2;
/** A wide graph becomes so much smaller before it has to be scrolled. */
const LEAST_SCALE = 0.75;

/** The stages of a run as a graph: solid where results were passed on, dashed where only their order is known. */
export function Graph({ stages, edges }: {
  readonly stages: readonly RunStage[];
  readonly edges: readonly RunEdge[];
}) {
  const places = new Map(
    layoutGraph(stages.map(({ name }) => name), edges).map((p) => [p.name, p]),
  );
  const xOf = (name: string) => MARGIN + (places.get(name)?.column ?? 0) * (BOX_WIDTH + GAP_X);
  const yOf = (name: string) => MARGIN + (places.get(name)?.place ?? 0) * (BOX_HEIGHT + GAP_Y);
  const width = Math.max(...stages.map(({ name }) => xOf(name))) + BOX_WIDTH + MARGIN;
  const height = Math.max(...stages.map(({ name }) => yOf(name))) + BOX_HEIGHT + MARGIN;
  return (
    <div class="scroll graph" tabIndex={0} role="region" aria-label="Graph of the stages">
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        style={{ minWidth: `${LEAST_SCALE * width}px` }}
        role="img"
        aria-label={`${stages.length} stages; the table below lists them`}
      >
        {edges.map(({ from, to, kind }) => {
          const [x1, y1] = [xOf(from) + BOX_WIDTH, yOf(from) + BOX_HEIGHT / 2];
          const [x2, y2] = [xOf(to), yOf(to) + BOX_HEIGHT / 2];
          const bend = Math.max(16, (x2 - x1) / 2);
          return (
            <path
              key={`${from} ${to}`}
              class={`edge ${kind}`}
              d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
            />
          );
        })}
        {stages.map((stage) => (
          <Box key={stage.name} stage={stage} x={xOf(stage.name)} y={yOf(stage.name)} />
        ))}
      </svg>
    </div>
  );
}

function Box(
  { stage, x, y }: { readonly stage: RunStage; readonly x: number; readonly y: number },
) {
  const { name, state, done, failed, running, waiting } = stage;
  const total = done + failed + running + waiting;
  const inner = BOX_WIDTH - 20;
  const widthOf = (count: number) => total === 0 ? 0 : inner * count / total;
  return (
    <g transform={`translate(${x} ${y})`} class={`box ${state}`}>
      <title>{`${name}: ${state}`}</title>
      <rect width={BOX_WIDTH} height={BOX_HEIGHT} rx="6" />
      <text x="10" y="18">{name.length > 17 ? `${name.slice(0, 16)}…` : name}</text>
      <text class="count" x="10" y="33">
        {failed > 0
          ? `${formatCount(done)} of ${formatCount(total)}, ${formatCount(failed)} failed`
          : `${formatCount(done)} of ${formatCount(total)}`}
      </text>
      <rect class="track" x="10" y="38" width={inner} height="3" rx="1.5" />
      <rect class="fill" x="10" y="38" width={widthOf(done)} height="3" />
      <rect
        class="failed"
        x={10 + widthOf(done)}
        y="38"
        width={failed === 0 ? 0 : Math.max(3, widthOf(failed))}
        height="3"
      />
    </g>
  );
}
