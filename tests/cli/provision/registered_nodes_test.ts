import { assertEquals } from "@std/assert";
import { lockAsKeeper, writeKeeper } from "../../../src/cli/provision/keeper_info.ts";
import { RegisteredNodes } from "../../../src/cli/provision/registered_nodes.ts";
import { scriptedWorker, TOKEN, withHead } from "../../cluster/head/scripted_worker.ts";
import { withFolder } from "../../integration/cli.ts";

Deno.test("RegisteredNodes waits for a node that a journal calls ready and that the head does not know, and says which", () =>
  withHead((head) =>
    withFolder(async (dir) => {
      const tokenFile = `${dir}/token`;
      await Deno.writeTextFile(tokenFile, TOKEN);
      const waitedFor: (readonly string[])[] = [];
      const look = (nodeIds: readonly string[]) =>
        new RegisteredNodes({ dir, tokenFile }, (missing) => waitedFor.push(missing))
          .haveAll(nodeIds);
      assertEquals(await look(["here"]), false, "there is no keeper");
      const keeper = lockAsKeeper({ dir });
      await writeKeeper({ dir }, { pid: Deno.pid, headUrl: head.url });
      const worker = scriptedWorker(head, () => undefined, { workerId: "here" });
      while (!await look(["here"]));
      waitedFor.length = 0;
      assertEquals(await look(["here", "lost"]), false);
      assertEquals(waitedFor, [["lost"]]);
      await worker.close();
      keeper[Symbol.dispose]();
    })
  ));

Deno.test("RegisteredNodes asks once a second at most, and says once what it waits for", () =>
  withFolder(async (dir) => {
    const waitedFor: (readonly string[])[] = [];
    const place = { dir, tokenFile: `${dir}/token` };
    const nodes = new RegisteredNodes(place, (missing) => waitedFor.push(missing));
    for (let k = 0; k < 3; k++) assertEquals(await nodes.haveAll(["lost"]), false);
    assertEquals(waitedFor, [["lost"]]);
  }));
