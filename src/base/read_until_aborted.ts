/** What a stream gives, until it ends or a signal aborts. For answers of `fetch`, whose own signal does not end their body
 * any more once that has become large (Deno 2.9).
 * @throws the signal's reason, also while nothing comes */
export async function* readUntilAborted<T>(
  stream: ReadableStream<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const reader = stream.getReader();
  const end = () => {
    reader.cancel(signal.reason).catch(() => {});
  };
  signal.addEventListener("abort", end);
  try {
    while (true) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
