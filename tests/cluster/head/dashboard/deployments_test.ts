import { assertEquals, assertStringIncludes } from "@std/assert";
import type { DeploymentSource } from "../../../../cluster/head/dashboard/deployment_source.ts";
import type { DeploymentRow } from "../../../../cluster/head/dashboard/schemas/deployments.ts";
import { TOKEN, withHead } from "../scripted_worker.ts";

const BEARER = { authorization: `Bearer ${TOKEN}` };

/** One deployment with a schedule and one without, whose flow cannot be started. */
class TwoDeployments implements DeploymentSource {
  readonly isServed = true;
  isPaused = false;

  list(): Promise<readonly DeploymentRow[]> {
    const common = { flowName: "f", arguments: "[]", openRuns: 0, schedule: "" };
    const state = this.isPaused ? "paused" : "on";
    return Promise.resolve([
      { ...common, name: "nightly", state, nextAtMs: 1_800_000_000_000 },
      { ...common, name: "once", state: "by hand" },
    ]);
  }

  hold(_name: string, isPaused: boolean): Promise<void> {
    this.isPaused = isPaused;
    return Promise.resolve();
  }

  run(name: string): Promise<string> {
    if (name === "once") return Promise.reject(new Error("Cannot start it: its file is gone"));
    return Promise.resolve(`${name}-20261124-063000-000`);
  }
}

Deno.test("deployments are listed, paused, resumed and run by the API", () => {
  const deployments = new TwoDeployments();
  return withHead(async (head, notices) => {
    const post = async (path: string) => {
      const url = `${head.url}/api/v1/deployments/${path}`;
      const answer = await fetch(url, { method: "POST", headers: BEARER });
      return [answer.status, await answer.text()] as const;
    };
    const listed = await fetch(`${head.url}/api/v1/deployments`, { headers: BEARER });
    const document = await listed.json();
    assertEquals([document.isServed, Object.keys(document.deployments)], [
      true,
      ["nightly", "once"],
    ]);
    assertEquals((await post("nightly/resume"))[0], 409);
    assertEquals((await post("nightly/pause"))[0], 202);
    assertEquals(deployments.isPaused, true);
    const again = await post("nightly/pause");
    assertEquals(again[0], 409);
    assertStringIncludes(again[1], "Cannot pause the schedule of nightly: it is paused");
    assertEquals((await post("nightly/resume"))[0], 202);
    assertEquals(deployments.isPaused, false);
    assertEquals((await post("nightly/run"))[0], 202);
    assertStringIncludes(notices.join("\n"), "Run nightly-20261124-063000-000 of nightly");
    assertEquals((await post("once/pause"))[0], 409);
    assertStringIncludes((await post("once/run"))[1], "its file is gone");
    assertEquals((await post("never/run"))[0], 404);
  }, { dashboard: { deployments } });
});

Deno.test("a head without flows has no deployments, and says that it serves none", () =>
  withHead(async (head) => {
    const answer = await fetch(`${head.url}/api/v1/deployments`, { headers: BEARER });
    assertEquals(await answer.json(), { isServed: false, deployments: {} });
  }));
