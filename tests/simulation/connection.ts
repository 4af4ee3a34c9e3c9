import type { World } from "./world.ts";

/** What the ends of a connection are told. */
export interface ConnectionEnds {
  /** The peer notices that the connection closed. */
  readonly onPeerClosed: () => void;
  /** The head notices that the connection closed. */
  readonly onHeadClosed: () => void;
}

/** A connection between the head and a peer: first in, first out in each direction while it is up; what is under way
 * when it closes is lost; a stall holds everything back silently. Different connections reorder freely. */
export class Connection {
  isUp = true;
  readonly #stalledUntilMs = { head: 0, peer: 0 };
  readonly #lastMs = { head: 0, peer: 0 };
  readonly #underWay: Record<"head" | "peer", (() => void)[]> = { head: [], peer: [] };
  readonly #world: World;
  readonly #latencyMs: number;
  readonly #ends: ConnectionEnds;

  constructor(world: World, latencyMs: number, ends: ConnectionEnds) {
    this.#world = world;
    this.#latencyMs = latencyMs;
    this.#ends = ends;
  }

  send(to: "head" | "peer", deliver: () => void): void {
    if (!this.isUp) return;
    const world = this.#world;
    const arrivesMs = world.nowMs + world.between(0.2, 1.8) * this.#latencyMs;
    const atMs = Math.max(arrivesMs, this.#lastMs[to], this.#stalledUntilMs[to]);
    this.#lastMs[to] = atMs;
    this.#underWay[to].push(deliver);
    this.#deliverNextAt(to, atMs);
  }

  /** Nothing arrives at these ends before `forMs` passed, and nobody is told: the connection is half open. */
  stall(forMs: number, ends: readonly ("head" | "peer")[] = ["head", "peer"]): void {
    for (const end of ends) {
      this.#stalledUntilMs[end] = Math.max(this.#stalledUntilMs[end], this.#world.nowMs + forMs);
    }
  }

  close(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.#world.after(this.#world.between(0, 50), this.#ends.onPeerClosed);
    this.#world.after(this.#world.between(0, 50), this.#ends.onHeadClosed);
  }

  /** Delivers what was sent first, whichever it is by then: a stall must not change the order. */
  #deliverNextAt(to: "head" | "peer", atMs: number): void {
    this.#world.at(atMs, () => {
      if (!this.isUp) return;
      const stalledUntilMs = this.#stalledUntilMs[to];
      if (this.#world.nowMs < stalledUntilMs) this.#deliverNextAt(to, stalledUntilMs);
      else this.#underWay[to].shift()?.();
    });
  }
}
