import { assertEquals } from "@std/assert";
import { connectSsh } from "../../../provision/ssh/connect_ssh.ts";
import { execOk } from "../../../provision/ssh/host.ts";
import { endSessionCommand, noteSessionCommand } from "../../../provision/ssh/noted_session.ts";
import { NEEDS_MACHINES, TestMachine } from "../test_machines.ts";

const DIR = "/var/lib/tradewind";

Deno.test(
  "a session of which nobody hears is ended by the next one, with its port; others go on",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start();
    await using other = await connectSsh(machine.target);
    // To the machine, one that is only silent is no different from one that was cut off.
    await using silent = await connectSsh(machine.target);
    const port = await silent.forwardIn(0, 9);
    await execOk(silent, "note it", noteSessionCommand(DIR));
    await execOk(silent, "note it again", noteSessionCommand(DIR));
    assertEquals(machine.listeningPorts(), [port]);

    await using next = await connectSsh(machine.target);
    await execOk(next, "note it", noteSessionCommand(DIR));
    await silent.closed;
    assertEquals(machine.listeningPorts(), []);

    await execOk(other, "end it", endSessionCommand(DIR));
    await next.closed;
    await execOk(other, "end it again", endSessionCommand(DIR));
    assertEquals([...Deno.readDirSync(`${machine.dir}/disk`)], []);
  },
);

Deno.test(
  "a noted session that has ended, and whose number another process has, is left alone",
  NEEDS_MACHINES,
  async () => {
    await using machine = await TestMachine.start();
    await using host = await connectSsh(machine.target);
    await execOk(host, "note it", noteSessionCommand(DIR));
    const note = `${machine.dir}/disk/session`;
    const [pid, startedAt] = Deno.readTextFileSync(note).trim().split(" ");
    Deno.writeTextFileSync(note, `${pid} ${Number(startedAt) - 1}\n`);
    await execOk(host, "end it", endSessionCommand(DIR));
    assertEquals(await execOk(host, "go on", "echo here"), "here\n");
  },
);
