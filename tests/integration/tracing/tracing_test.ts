import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../../structure/sources.ts";
import { withFolder } from "../cli.ts";
import { Collector } from "./collector.ts";

const NAMES = [
  "program",
  ...["traced", "failing"].flatMap((task) =>
    ["submit", "queue", "attempt", "run"].map((part) => `${part} ${task}`)
  ),
  "inside the task",
];

Deno.test("a task's spans are one trace: the program's, the submission's, the head's, the executor's and the task's own", () =>
  withFolder(async (folder) => {
    await using collector = new Collector();
    const driver = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", `${ROOT}tests/integration/tracing/driver.ts`, folder],
      env: {
        OTEL_DENO: "true",
        OTEL_DENO_CONSOLE: "ignore",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_BSP_SCHEDULE_DELAY: "100",
      },
      stdin: "piped",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    const spans = await collector.spans(NAMES, 60_000).finally(() => driver.stdin.close());
    assertEquals((await driver.status).code, 0);
    const span = (name: string) => {
      const found = spans.get(name);
      assert(found !== undefined, name);
      return found;
    };
    assertEquals(new Set(NAMES.map((name) => span(name).traceId)).size, 1);
    const parentOf = (name: string) =>
      NAMES.find((other) => span(other).spanId === span(name).parentSpanId);
    for (const task of ["traced", "failing"]) {
      assertEquals(parentOf(`submit ${task}`), "program");
      for (const part of ["queue", "attempt", "run"]) {
        assertEquals(parentOf(`${part} ${task}`), `submit ${task}`);
      }
    }
    assertEquals(parentOf("inside the task"), "run traced");
    const isError = (name: string) => span(name).status.code === 2;
    assertEquals(
      ["attempt traced", "run traced", "attempt failing", "run failing"].map(isError),
      [false, false, true, true],
    );
    assertEquals(span("queue traced").endTimeUnixNano, span("attempt traced").startTimeUnixNano);
  }));
