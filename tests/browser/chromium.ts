/** A headless Chromium driven by its DevTools protocol over one WebSocket: what the tests of pages need of it, and
 * no more. Protocol: https://chromedevtools.github.io/devtools-protocol/ */

const CANDIDATE_PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const START_LIMIT_MS = 20_000;

/** How a page is shown. */
export interface PageView {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scheme: "light" | "dark";
}

/** The path of a Chromium: `TV_TEST_CHROMIUM`, or where distributions put it; `undefined` if there is none. */
export function findChromium(): string | undefined {
  const wanted = Deno.env.get("TV_TEST_CHROMIUM");
  return [...(wanted ? [wanted] : []), ...CANDIDATE_PATHS].find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** One open page. Made by {@linkcode openPage}; closing it ends its browser. */
export class BrowserPage implements AsyncDisposable {
  /** What the page wrote to its console as an error or warning, what it threw, and what it failed to load. */
  readonly complaints: string[] = [];
  /** The addresses that the page asked for. */
  readonly requests: string[] = [];
  #process: Deno.ChildProcess;
  #socket: WebSocket;
  #folder: string;
  #nextId = 1;
  #pending = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  #loaded = Promise.withResolvers<void>();

  constructor(process: Deno.ChildProcess, socket: WebSocket, folder: string) {
    this.#process = process;
    this.#socket = socket;
    this.#folder = folder;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
  }

  /** Opens an address and waits for its load event. */
  async open(url: string, view: PageView): Promise<void> {
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await this.send(`${domain}.enable`);
    await this.show(view);
    this.#loaded = Promise.withResolvers();
    await this.send("Page.navigate", { url });
    await this.#loaded.promise;
  }

  /** Changes the window's size and the colour scheme that the page sees. */
  async show({ widthPx, heightPx, scheme }: PageView): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", {
      width: widthPx,
      height: heightPx,
      deviceScaleFactor: 1,
      mobile: widthPx < 600,
    });
    await this.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** The value of an expression in the page, which JSON can hold. */
  async evaluate<T>(expression: string): Promise<T> {
    const reply = await this.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (reply.exceptionDetails !== undefined) {
      throw new Error(`Cannot evaluate ${expression}: ${JSON.stringify(reply.exceptionDetails)}`);
    }
    return (reply.result as { value: T }).value;
  }

  /** Presses and releases one key, by the name of its `KeyboardEvent.key`. */
  async press(key: "Tab" | "ArrowRight" | "ArrowLeft" | "Enter"): Promise<void> {
    const code = { Tab: 9, ArrowRight: 39, ArrowLeft: 37, Enter: 13 }[key];
    for (const type of ["rawKeyDown", "keyUp"]) {
      await this.send("Input.dispatchKeyEvent", {
        type,
        key,
        code: key,
        windowsVirtualKeyCode: code,
      });
    }
  }

  /** The whole page, not only what the window shows, as a PNG. */
  async screenshot(): Promise<Uint8Array> {
    const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true });
    return Uint8Array.from(atob(String(data)), (character) => character.charCodeAt(0));
  }

  /** The page as it prints, as a PDF. */
  async print(): Promise<Uint8Array> {
    const { data } = await this.send("Page.printToPDF", { printBackground: false });
    return Uint8Array.from(atob(String(data)), (character) => character.charCodeAt(0));
  }

  /** Sends one command of the protocol and waits for its result. */
  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = this.#nextId++;
    const reply = Promise.withResolvers<Record<string, unknown>>();
    this.#pending.set(id, reply);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return reply.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
    this.#process.kill("SIGKILL");
    await this.#process.status;
    // The browser's children may still be writing into the profile.
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }

  #receive({ id, method, params = {}, result = {}, error }: Reply): void {
    if (id !== undefined) {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (error === undefined) pending?.resolve(result);
      else pending?.reject(new Error(error.message));
      return;
    }
    switch (method) {
      case "Page.loadEventFired":
        this.#loaded.resolve();
        break;
      case "Runtime.exceptionThrown":
      case "Network.loadingFailed":
        this.complaints.push(JSON.stringify(params));
        break;
      case "Runtime.consoleAPICalled":
        if (params.type === "error" || params.type === "warning") {
          this.complaints.push(JSON.stringify(params));
        }
        break;
      case "Log.entryAdded":
        this.complaints.push(JSON.stringify(params));
        break;
      case "Network.requestWillBeSent":
        this.requests.push((params.request as { url: string }).url);
    }
  }
}

/** Starts a browser with an empty profile and connects to its first page.
 * @throws {Error} if it does not come up within 20 seconds */
export async function openPage(chromiumPath: string): Promise<BrowserPage> {
  const folder = await Deno.makeTempDir({ prefix: "tradewind-chromium-" });
  const process = new Deno.Command(chromiumPath, {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--remote-debugging-port=0",
      `--user-data-dir=${folder}`,
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const port = await debuggingPort(process);
    const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const page = targets.find((target: { type: string }) => target.type === "page");
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new BrowserPage(process, socket, folder);
  } catch (error) {
    process.kill("SIGKILL");
    await process.status;
    throw error;
  }
}

/** Reads the port that the browser announces, then goes on emptying its pipe. */
async function debuggingPort(process: Deno.ChildProcess): Promise<string> {
  let text = "";
  const announced = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => announced.reject(new Error(`Cannot reach Chromium within ${START_LIMIT_MS} ms: ${text}`)),
    START_LIMIT_MS,
  );
  void process.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(chunk) {
        text = (text + chunk).slice(-10_000);
        const port = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(text)?.[1];
        if (port !== undefined) announced.resolve(port);
      },
      close: () => announced.reject(new Error(`Cannot start Chromium: ${text}`)),
    }),
  );
  try {
    return await announced.promise;
  } finally {
    clearTimeout(timer);
  }
}
