import { assert, assertEquals } from "@std/assert";
import { availableMemoryShare, MemoryPressure } from "../../../cluster/worker/memory_pressure.ts";

Deno.test("a worker says once that its memory is nearly used up, and once that it is not any more", () => {
  let share = 0.5;
  const pressure = new MemoryPressure(() => share);
  const saidAt = (next: number) => {
    share = next;
    return pressure.news();
  };
  assertEquals(saidAt(0.04), []);
  assertEquals(saidAt(0.02), [{ type: "MemoryPressure", isUnderPressure: true }]);
  assertEquals(saidAt(0.01), []);
  assertEquals(saidAt(0.05), []);
  assertEquals(saidAt(0.07), [{ type: "MemoryPressure", isUnderPressure: false }]);
});

Deno.test("a worker under pressure says so again over a new connection", () => {
  const pressure = new MemoryPressure(() => 0.01);
  assertEquals(pressure.news().length, 1);
  pressure.forget();
  assertEquals(pressure.news(), [{ type: "MemoryPressure", isUnderPressure: true }]);
});

Deno.test("the available memory of this machine is a share of it", () => {
  const share = availableMemoryShare();
  assert(share > 0 && share <= 1);
});
