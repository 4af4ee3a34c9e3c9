/** An actor: prices that stay in the memory of one worker, and tasks on any worker that ask it for windows. @module */
import { type ActorRef, currentClient, remote, startEmbeddedCluster } from "tradewind";

/** The history of one symbol: bars are appended as they come, windows are read. */
export class PriceStore {
  #closes: number[] = [];

  /** Takes further closes.
   * @returns how many there are now */
  append(closes: readonly number[]): number {
    this.#closes.push(...closes);
    return this.#closes.length;
  }

  /** The closes from row `from` on, at most `rows` of them. */
  window(from: number, rows: number): number[] {
    return this.#closes.slice(from, from + rows);
  }
}

/** A task: the mean close of a window, which it asks the store for. */
export async function meanOfWindow(
  { store, from, rows }: { store: ActorRef; from: number; rows: number },
): Promise<number> {
  const closes = await currentClient().actorOf<PriceStore>(store).call.window(from, rows);
  return closes.reduce((sum, close) => sum + close, 0) / closes.length;
}

if (import.meta.main) {
  await using cluster = await startEmbeddedCluster({ workers: 2, logDir: "artifacts/logs" });
  const { client } = cluster;
  const prices = client.actor<PriceStore>(
    { module: import.meta.url, exportName: "PriceStore" },
    [],
  );
  for (let month = 0; month < 12; month++) {
    await prices.call.append(Array.from({ length: 21 }, (_, day) => 100 + month + day / 21));
  }
  const windows = [0, 63, 126, 189].map((from) => ({ store: prices.ref, from, rows: 63 }));
  for await (const mean of client.map(remote(import.meta.url, meanOfWindow), windows)) {
    console.log(mean.toFixed(3));
  }
}
