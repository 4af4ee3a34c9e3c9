// Preloaded into a command that runs with --expose-gc: writes the size of its heap, all garbage collected, into the file
// that SOAK_HEAP_FILE names, a line each time.
const PERIOD_MS = 2_000;

const path = Deno.env.get("SOAK_HEAP_FILE");
const { gc } = globalThis as { readonly gc?: () => void };
if (path !== undefined && gc !== undefined) {
  const timer = setInterval(() => {
    gc();
    const sample = { atMs: Date.now(), value: Deno.memoryUsage().heapUsed / 2 ** 20 };
    Deno.writeTextFileSync(path, `${JSON.stringify(sample)}\n`, { append: true });
  }, PERIOD_MS);
  Deno.unrefTimer(timer);
}
