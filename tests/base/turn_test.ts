import { assertEquals, assertRejects } from "@std/assert";
import { Turn } from "../../src/base/turn.ts";

Deno.test("Turn lets one work be done at a time, in the order of asking, whether or not it fails", async () => {
  const turn = new Turn();
  const events: string[] = [];
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const works = gates.map(({ promise }, i) =>
    turn.take(async () => {
      events.push(`start ${i}`);
      await promise;
      events.push(`end ${i}`);
      if (i === 1) throw new Error("of work 1");
      return i;
    })
  );
  const failed = assertRejects(() => works[1], Error, "of work 1");
  gates[2].resolve();
  gates[1].resolve();
  gates[0].resolve();
  assertEquals([await works[0], await works[2]], [0, 2]);
  await failed;
  assertEquals(events, ["start 0", "end 0", "start 1", "end 1", "start 2", "end 2"]);
});
