import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { SubmissionCredits } from "../../../cluster/head/submission_credits.ts";
import { INITIAL_CREDITS } from "../../../cluster/protocol/limits.ts";
import { ProtocolError } from "../../../cluster/protocol/shapes.ts";

Deno.test("a client that submits little is told nothing", () => {
  const grants: number[] = [];
  const credits = new SubmissionCredits(1_000_000, () => 0);
  const account = credits.open((tasks) => grants.push(tasks));
  credits.charge(account, INITIAL_CREDITS / 2);
  credits.grant();
  assertEquals(grants, []);
  credits.charge(account, 1);
  credits.grant();
  assertEquals(grants, [INITIAL_CREDITS / 2 + 1]);
});

Deno.test("a full head grants nothing until there is room for many", () => {
  let queued = 10_000;
  const grants: number[] = [];
  const credits = new SubmissionCredits(10_000, () => queued);
  const account = credits.open((tasks) => grants.push(tasks));
  credits.charge(account, INITIAL_CREDITS);
  credits.grant();
  queued = 9_001;
  credits.grant();
  assertEquals(grants, []);
  queued = 9_000;
  credits.grant();
  assertEquals(grants, [1_000]);
});

Deno.test("a client that submits more than it may is refused", () => {
  const credits = new SubmissionCredits(10, () => 0);
  const account = credits.open(() => {});
  assertThrows(
    () => credits.charge(account, INITIAL_CREDITS + 1),
    ProtocolError,
    `has credits for ${INITIAL_CREDITS} more`,
  );
});

Deno.test("a connection that is over is granted nothing", () => {
  const grants: number[] = [];
  const credits = new SubmissionCredits(100_000, () => 0);
  const account = credits.open((tasks) => grants.push(tasks));
  credits.charge(account, INITIAL_CREDITS);
  credits.close(account);
  credits.grant();
  assertEquals(grants, []);
});

Deno.test("whatever clients do, a head holds no more than its limit and the first credits of each", () => {
  const action = fc.record({ client: fc.nat(3), tasks: fc.nat(6_000), ended: fc.nat(3_000) });
  fc.assert(fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
    const max = 20_000;
    let queued = 0;
    const allowed = [0, 1, 2, 3].map(() => INITIAL_CREDITS);
    const credits = new SubmissionCredits(max, () => queued);
    const accounts = allowed.map((_, i) => credits.open((tasks) => allowed[i] += tasks));
    for (const { client, tasks, ended } of actions) {
      const sent = Math.min(tasks, allowed[client]);
      allowed[client] -= sent;
      credits.charge(accounts[client], sent);
      queued += sent;
      credits.grant();
      const reached = allowed.reduce((sum, left) => sum + left, queued);
      if (reached > max + allowed.length * INITIAL_CREDITS) {
        throw new Error(`${reached} tasks may come to be queued`);
      }
      queued -= Math.min(queued, ended);
      credits.grant();
    }
  }));
});
