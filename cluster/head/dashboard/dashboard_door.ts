import type { Dashboard, DashboardParts } from "./dashboard.ts";

/** Opens the dashboard at the first request for it: until somebody looks, it costs a head nothing. */
export class DashboardDoor implements Disposable {
  readonly #parts: DashboardParts;
  #dashboard: Promise<Dashboard> | undefined;
  #opened: Dashboard | undefined;
  #isClosed = false;

  constructor(parts: DashboardParts) {
    this.#parts = parts;
  }

  /** Whether a path is the dashboard's. It checks by itself who may see what. */
  serves(pathname: string): boolean {
    return pathname === "/" || /^\/(?:dashboard|api)(?:\/|$)/.test(pathname);
  }

  /** Answers a request. */
  async answer(request: Request): Promise<Response> {
    this.#dashboard ??= this.#open();
    return await (await this.#dashboard).answer(request);
  }

  /** Ends all sessions' connections, once the token that they stood on is another. */
  endSessions(): void {
    this.#opened?.endSessions();
  }

  /** Ends all connections. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#opened?.[Symbol.dispose]();
  }

  async #open(): Promise<Dashboard> {
    const { Dashboard } = await import("./dashboard.ts");
    const dashboard = new Dashboard(this.#parts);
    if (this.#isClosed) dashboard[Symbol.dispose]();
    this.#opened = dashboard;
    return dashboard;
  }
}
