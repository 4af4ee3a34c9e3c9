import { assertEquals, assertRejects } from "@std/assert";
import { ObjectPointer, readPointedState } from "../../../src/cli/failover/object_pointer.ts";
import { StateFolders } from "../../../src/cli/failover/state_folders.ts";
import { S3Store } from "../../../src/lakehouse/store/s3_store.ts";
import { testWithS3, withClient } from "../../lakehouse/s3/servers.ts";

const bytes = (...values: number[]) => new Uint8Array(values);

testWithS3(
  "the state that counts is that of the head which claimed the pointer last, and nothing else is kept",
  (server) =>
    withClient(server, async (client) => {
      const store = new S3Store(client, { bucket: server.bucket, prefix: "pointed/" });
      assertEquals(await readPointedState(store), undefined);
      const first = new StateFolders(store, await ObjectPointer.claim(store));
      await first.snapshot(bytes(1));
      await first.append(bytes(2));
      await first.append(bytes(3));
      const streamed = { snapshot: bytes(1), changes: [bytes(2), bytes(3)] };
      assertEquals(await readPointedState(store), streamed);
      const second = new StateFolders(store, await ObjectPointer.claim(store));
      // Until it has written its own, what it goes on from is there, also when it dies first.
      await first.append(bytes(4));
      await assertRejects(() => first.snapshot(bytes(9)), Error, "another head took over");
      const inherited = { ...streamed, changes: [...streamed.changes, bytes(4)] };
      assertEquals(await readPointedState(store), inherited);
      await second.snapshot(bytes(5));
      await first.append(bytes(6)).catch(() => {});
      assertEquals(await readPointedState(store), { snapshot: bytes(5), changes: [] });
      await second.snapshot(bytes(7));
      const keys = await Array.fromAsync(store.list("state/"), ({ key }) => key);
      assertEquals(keys, ["state/2-2/snapshot"]);
    }),
);
