import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { ClusterMirror, restoreFromMirror } from "../../../src/cli/provision/cluster_mirror.ts";
import { S3Store } from "../../../src/lakehouse/store/s3_store.ts";
import type { ObjectStore } from "../../../src/lakehouse/store/object_store.ts";
import { testWithS3, withClient } from "../../lakehouse/s3/servers.ts";
import { TestClock } from "../../provision/fake_provider.ts";

async function withFolders(use: (...dirs: [string, string]) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "tradewind-mirror-" });
  try {
    await use(`${root}/one`, `${root}/two`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = `${dir}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }
}

const FILES = {
  "cluster.jsonc": "{}",
  "journal.jsonl": "line 1\n",
  "head/token": "secret",
  "keys/login": "private",
  "keys/host-c-1-1.pub": "public",
};

testWithS3(
  "a cluster's folder that is lost is brought back from its mirror",
  (server) =>
    withClient(server, (client) =>
      withFolders(async (dir, other) => {
        const store: ObjectStore = new S3Store(client, { bucket: server.bucket, prefix: "x/c/" });
        write(dir, { ...FILES, "keys/known-c-1-1": "made anew", "head/state.db": "of the head" });
        {
          await using mirror = await ClusterMirror.claim(store, dir);
          await mirror.flush();
          write(dir, { "journal.jsonl": "line 1\nline 2\n" });
        }
        const names = await restoreFromMirror(store, other);
        assertEquals(names, Object.keys(FILES).sort());
        assertEquals(Deno.readTextFileSync(`${other}/journal.jsonl`), "line 1\nline 2\n");
        assertEquals(Deno.readTextFileSync(`${other}/keys/login`), "private");
        assertEquals(Deno.statSync(`${other}/keys/login`).mode! & 0o777, 0o600);
      })),
);

testWithS3(
  "a cluster is kept from one folder at a time, until nothing was heard of that for two minutes",
  (server) =>
    withClient(server, (client) =>
      withFolders(async (dir, other) => {
        const store: ObjectStore = new S3Store(client, { bucket: server.bucket, prefix: "y/c/" });
        const clock = new TestClock();
        write(dir, FILES);
        // This keeper dies: it never gives its lease back.
        const dead = await ClusterMirror.claim(store, dir, clock);
        await dead.flush();
        clock.ms += 119_000;
        const kept = await assertRejects(() => ClusterMirror.claim(store, other, clock), UserError);
        assertStringIncludes(kept.message, "heard 119 s ago");
        await assertRejects(
          () => restoreFromMirror(store, other, clock),
          UserError,
          "it is kept from",
        );
        clock.ms += 1_000;
        await restoreFromMirror(store, other, clock);
        await using _next = await ClusterMirror.claim(store, other, clock);
        const late = await assertRejects(() => ClusterMirror.claim(store, dir, clock), UserError);
        assertStringIncludes(late.message, "it is kept from");
        // The first one comes back: it notices, and has to end.
        const { promise, resolve } = Promise.withResolvers<void>();
        dead.begin(() => {}, resolve);
        await promise;
      })),
);

testWithS3(
  "what is no mirror of a cluster is not adopted",
  (server) =>
    withClient(server, (client) =>
      withFolders(async (dir) => {
        const store = new S3Store(client, { bucket: server.bucket, prefix: "empty/" });
        await assertRejects(
          () => restoreFromMirror(store, dir),
          UserError,
          "Cannot find a cluster in",
        );
      })),
);
