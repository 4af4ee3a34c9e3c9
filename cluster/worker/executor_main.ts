/** An executor: a process of its own that runs tasks, one at a time, until its daemon closes the connection.
 * Started by the daemon with the path of a Unix socket, the folders of the node's objects, the worker's id and its own
 * process id. */
import { decodeExecutorFrame } from "../protocol/codec.ts";
import type { ObjectFolders } from "../objects/object_folders.ts";
import { DaemonLine } from "./daemon_line.ts";
import { watchOutput } from "./executor_stdio.ts";
import { FrameStream } from "./frame_stream.ts";
import { dieWithParent } from "./parent_death.ts";
import { TaskRunner } from "./task_runner.ts";

async function main(socketPath: string, folders: ObjectFolders, node: string): Promise<void> {
  const stream = new FrameStream(await Deno.connect({ transport: "unix", path: socketPath }));
  const line = new DaemonLine(stream);
  const runner = new TaskRunner(line, folders, node);
  await line.say({ type: "Ready", pid: Deno.pid });
  for await (const frames of stream.frames()) {
    for (const frame of frames) decodeExecutorFrame(frame).forEach((each) => runner.take(each));
  }
}

if (import.meta.main) {
  watchOutput();
  const [socketPath, memory, disk, node, daemonPid] = Deno.args;
  dieWithParent(Number(daemonPid));
  await main(socketPath, { memory, disk }, node);
  // Work that a task left behind (timers, sockets) must not keep a process alive that nobody needs.
  Deno.exit(0);
}
