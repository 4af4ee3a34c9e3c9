import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ExecutorOutput } from "../../../../cluster/worker/output/executor_output.ts";
import type { TaskLine } from "../../../../cluster/worker/output/executor_output.ts";
import { endMark, MarkReader } from "../../../../cluster/worker/output/marked_text.ts";
import { SecretSet } from "../../../../cluster/worker/output/secrets.ts";

function label(attemptId: number) {
  const info = { name: "n", runId: "r", attemptNumber: 1 };
  return { attemptId, taskId: `t${attemptId}`, info };
}

/** An executor's output whose streams a test writes. */
function scripted(secrets: string[] = []) {
  const lines: TaskLine[] = [];
  const stdout = new TransformStream<Uint8Array, Uint8Array>();
  const stderr = new TransformStream<Uint8Array, Uint8Array>();
  const process = { stdout: stdout.readable, stderr: stderr.readable };
  const output = new ExecutorOutput(process, new SecretSet(secrets), (line) => lines.push(line));
  const writer = stdout.writable.getWriter();
  return {
    output,
    write: async (text: string) => {
      await writer.write(new TextEncoder().encode(text));
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    seen: () => lines.map(({ task, text }) => [Number(task.slice(1)), text]),
    close: async () => {
      await Promise.all([writer.close(), stderr.writable.close()]);
      await output.closed;
    },
  };
}

Deno.test("ExecutorOutput gives an attempt what comes before its mark, also when its answer was here first", async () => {
  const { output, write, seen, close } = scripted();
  output.begin(label(1));
  output.begin(label(2));
  await write("one\n");
  output.end(1, true);
  await write(`still one${endMark(1)}two\n`);
  output.end(2, false);
  await write("late two");
  await close();
  assertEquals(seen(), [[1, "one"], [1, "still one"], [2, "two"], [2, "late two"]]);
});

Deno.test("ExecutorOutput skips attempts that wrote nothing", async () => {
  const { output, write, seen, close } = scripted();
  for (const id of [1, 2, 3]) output.begin(label(id));
  output.end(1, false);
  output.end(2, false);
  await write("three\n");
  await close();
  assertEquals(seen(), [[3, "three"]]);
});

Deno.test("ExecutorOutput masks a secret that spans lines and pieces, and does not hold back a mark", async () => {
  const { output, write, seen, close } = scripted(["first\nsecond"]);
  output.begin(label(1));
  await write("x fir");
  await write("st\nsec");
  await write(`ond y\nfir${endMark(1)}`);
  assertEquals(seen(), [[1, "x *** y"], [1, "fir"]]);
  await close();
});

Deno.test("ExecutorOutput cuts a long line, decodes characters that are cut, and drops a carriage return", async () => {
  const { output, write, seen, close } = scripted();
  output.begin(label(1));
  await write(`${"a".repeat(20_000)}\n`);
  await write("b\r\n");
  assertEquals(seen().map(([, text]) => String(text).length), [8192, 8192, 3616, 1]);
  await close();
});

Deno.test("ExecutorOutput counts what is over the limit of an attempt, and gives the next its own", async () => {
  const { output, write, seen, close } = scripted();
  output.begin(label(1));
  output.begin(label(2));
  const line = `${"a".repeat(1023)}\n`;
  for (let i = 0; i < 10; i++) await write(line.repeat(1024));
  await write(`${endMark(1)}next\n`);
  await close();
  const texts = seen().map(([, text]) => String(text));
  const kept = texts.filter((text) => text.startsWith("a")).length;
  const dropped = Number(/^… (\d+) lines dropped/.exec(texts.at(-2) ?? "")?.[1]);
  assertEquals(kept + dropped, 10 * 1024);
  assert(kept >= 4 * 1024 && kept < 6 * 1024, String(kept));
  assertEquals(seen().at(-1), [2, "next"]);
});

Deno.test("MarkReader finds the same parts wherever the text is cut", () => {
  const pieces = fc.array(fc.constantFrom("a\n", "\0", "\0tw ", "7\n", endMark(12), endMark(3)));
  fc.assert(fc.property(pieces, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (
    texts,
    sizes,
  ) => {
    const text = texts.join("") + "end";
    const joined = (parts: ReturnType<MarkReader["read"]>) =>
      parts.map((part) => part.type === "text" ? part.text : `<${part.attemptId}>`).join("");
    const whole = joined(new MarkReader().read(text));
    const reader = new MarkReader();
    let cut = "";
    for (let at = 0, i = 0; at < text.length; i++) {
      const size = sizes[i % sizes.length];
      cut += joined(reader.read(text.slice(at, at + size)));
      at += size;
    }
    assertEquals(cut, whole);
  }));
});
