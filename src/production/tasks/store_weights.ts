import { task } from "../../flow/mod.ts";
import { writeColumns } from "../../lakehouse/parquet/parquet_file.ts";
import { type Artifact, hasArtifact, storeArtifact } from "./artifact_store.ts";

/** The weights of one (window, selection, engine, profile), for the table of weights. */
export interface WeightsRow {
  readonly window: number;
  /** Seconds since the Unix epoch. */
  readonly testStartS: number;
  readonly testEndS: number;
  readonly selection: string;
  readonly engine: string;
  readonly profile: string;
  /** One a symbol. */
  readonly weights: Float64Array;
}

/** The weights cube as one long table: window, test_start, test_end, selection, engine, profile, symbol, weight; zero weights are
 * left out. */
export const storeWeights = task(
  "store-weights",
  async (
    cube: readonly WeightsRow[],
    symbols: readonly string[],
    storeDir: string,
  ): Promise<{ readonly storeDir: string; readonly artifact: Artifact }> => {
    const cells = cube.flatMap((row) =>
      [...row.weights].flatMap((weight, i) =>
        weight === 0 ? [] : [{ row, symbol: symbols[i], weight }]
      )
    );
    const numbers = (value: (cell: typeof cells[number]) => number) =>
      Float64Array.from(cells, value);
    const texts = (value: (cell: typeof cells[number]) => string) => cells.map(value);
    const artifact = await storeArtifact(storeDir, ".parquet", async (path) => {
      await writeColumns(path, [
        { name: "window", dtype: "i64", values: numbers(({ row }) => row.window) },
        { name: "test_start", dtype: "timestamp", values: numbers(({ row }) => row.testStartS) },
        { name: "test_end", dtype: "timestamp", values: numbers(({ row }) => row.testEndS) },
        { name: "selection", dtype: "utf8", values: texts(({ row }) => row.selection) },
        { name: "engine", dtype: "utf8", values: texts(({ row }) => row.engine) },
        { name: "profile", dtype: "utf8", values: texts(({ row }) => row.profile) },
        { name: "symbol", dtype: "utf8", values: texts(({ symbol }) => symbol) },
        { name: "weight", dtype: "f64", values: numbers(({ weight }) => weight) },
      ]);
    });
    return { storeDir, artifact };
  },
  {
    run: "local",
    module: import.meta.url,
    validate: ({ storeDir, artifact }) => hasArtifact(storeDir, artifact),
  },
);
