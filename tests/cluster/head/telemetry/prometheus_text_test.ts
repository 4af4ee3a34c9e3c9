import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Histogram } from "../../../../cluster/head/telemetry/histogram.ts";
import { renderPrometheus } from "../../../../cluster/head/telemetry/prometheus_text.ts";
import { parsePrometheus } from "./prometheus.ts";

Deno.test("renderPrometheus() writes HELP and TYPE, labels and values", () => {
  const text = renderPrometheus([
    {
      type: "gauge",
      name: "tasks",
      help: "Tasks.",
      samples: [{ labels: { state: "ready" }, value: 3 }, { value: Infinity }],
    },
    { type: "counter", name: "empty_total", help: "None.", samples: [] },
  ]);
  assertEquals(
    text,
    '# HELP tasks Tasks.\n# TYPE tasks gauge\ntasks{state="ready"} 3\ntasks +Inf\n',
  );
});

Deno.test("a histogram's buckets hold all values up to their bound", () => {
  const histogram = new Histogram([0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
  const text = renderPrometheus([{ type: "histogram", name: "h", help: "H.", histogram }]);
  assertEquals(text.split("\n").slice(2, -1), [
    'h_bucket{le="0.1"} 2',
    'h_bucket{le="1"} 3',
    'h_bucket{le="+Inf"} 4',
    "h_sum 7.65",
    "h_count 4",
  ]);
});

Deno.test("whatever a label or a help text holds, a scraper can read it", () => {
  fc.assert(fc.property(fc.string(), fc.string(), fc.double(), (label, help, value) => {
    const text = renderPrometheus([{
      type: "gauge",
      name: "g",
      help: `h${help.replaceAll(/[\r\u2028\u2029]/g, "")}`,
      samples: [{ labels: { l: label }, value }],
    }]);
    const [metric] = parsePrometheus(text).values();
    assertEquals([...metric.samples.values()], [value === 0 ? 0 : value]);
  }));
});

Deno.test("the parser of these tests refuses what is not the format", () => {
  for (
    const wrong of [
      "a 1",
      "# HELP a A.\n# TYPE a counter\na 1\n",
      "# HELP a A.\n# TYPE a gauge\na 1\na 2\n",
      "# HELP a A.\n# TYPE a gauge\nb 1\n",
      '# HELP a A.\n# TYPE a gauge\na{l="x} 1\n',
      '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
    ]
  ) assertThrows(() => parsePrometheus(wrong));
});
