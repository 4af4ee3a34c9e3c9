import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { PROVIDERS } from "../../../provision/config/cluster_config.ts";
import { clusterInitText } from "../../../provision/config/cluster_init.ts";
import { parseClusterConfig } from "../../../provision/config/parse_cluster_config.ts";

function refusalOf(text: string): UserError {
  return assertThrows(() => parseClusterConfig(text, "cluster.jsonc"), UserError);
}

Deno.test("parseClusterConfig() fills in every default, and brings up as many workers as it may", () => {
  const config = parseClusterConfig('{"name": "a", "provider": "aws"}', "cluster.jsonc");
  assertEquals(config.workers, { min: 0, max: 2, wanted: 2, cpus: 0 });
  assertEquals(config.ttl_hours, 12);
  assertEquals(config.aws.architectures, ["x86_64", "arm64"]);
  assertEquals(config.ssh.known_hosts, "~/.ssh/known_hosts");
});

Deno.test("parseClusterConfig() reads what cluster:init writes, for every provider", () => {
  for (const provider of PROVIDERS) {
    const config = parseClusterConfig(clusterInitText("night", provider), "cluster.jsonc");
    assertEquals([config.name, config.provider], ["night", provider]);
    assertEquals(config.lease_minutes, 15);
  }
});

Deno.test("parseClusterConfig() takes a host as a name or as an object", () => {
  const text = '{"name": "a", "provider": "ssh", "workers": {"max": 2}, ' +
    '"ssh": {"hosts": ["box1", {"host": "box2", "port": 2222}]}}';
  const { ssh } = parseClusterConfig(text, "cluster.jsonc");
  assertEquals(ssh.hosts, [{ host: "box1" }, { host: "box2", port: 2222 }]);
});

Deno.test("parseClusterConfig() names line, key and value, and the nearest key", () => {
  const unknown = refusalOf('{"name": "a", "provider": "aws",\n "aws": {"vcpu": {}}}');
  assertStringIncludes(unknown.message, 'cluster.jsonc:2:10: aws has no key "vcpu"');
  assertStringIncludes(unknown.hint ?? "", '"vcpus"');
  const kind = refusalOf('{"name": "a", "provider": "aws",\n "ttl_hours": "long"}');
  assertStringIncludes(
    kind.message,
    'cluster.jsonc:2:15: ttl_hours is "long"; expected a number from 0.1 to 720',
  );
  const provider = refusalOf('{"name": "a", "provider": "awz"}');
  assertStringIncludes(provider.message, 'provider is "awz"; expected one of aws, ssh, local');
  assertStringIncludes(provider.hint ?? "", '"aws"');
});

Deno.test("parseClusterConfig() has no way to live for ever, nor to have a name that breaks a shell", () => {
  assertStringIncludes(
    refusalOf('{"name": "a", "provider": "aws", "ttl_hours": 0}').message,
    "ttl_hours is 0",
  );
  assertStringIncludes(refusalOf('{"name": "a;b", "provider": "aws"}').message, 'name is "a;b"');
});

Deno.test("parseClusterConfig() refuses values that contradict one another", () => {
  const cases: readonly [string, string][] = [
    ['"workers": {"min": 3}', "workers.min is 3, more than workers.max, 2"],
    ['"workers": {"wanted": 3}', "workers.wanted is 3, more than workers.max, 2"],
    ['"lease_minutes": 60, "ttl_hours": 1', "lease_minutes is 60, not less than ttl_hours, 1 h"],
    ['"aws": {"vcpus": {"min": 8, "max": 4}}', "aws.vcpus goes from 8 to 4"],
    ['"ssh": {"hosts": ["b", "b"]}', "ssh.hosts.1 names b a second time"],
  ];
  for (const [members, message] of cases) {
    assertStringIncludes(
      refusalOf(`{"name": "a", "provider": "local", ${members}}`).message,
      message,
    );
  }
  assertStringIncludes(refusalOf('{"name": "a", "provider": "ssh"}').message, "ssh.hosts is empty");
});

Deno.test("parseClusterConfig() puts a head on a bought node only where that may buy others, in one region", () => {
  const refusal = (members: string) =>
    refusalOf(`{"name": "a", "provider": "aws", ${members}}`).message;
  const profile = '"head_profile": "p"';
  assertStringIncludes(refusal('"head": "node"'), "aws.head_profile names no instance profile");
  assertStringIncludes(
    refusal(`"head": "node", "aws": {${profile}, "regions": ["eu-central-1", "eu-west-1"]}`),
    "aws.regions names 2 regions, and head is node",
  );
  assertStringIncludes(refusal(`"aws": {${profile}}`), "the head is on no bought node");
  const text = `{"name": "a", "provider": "aws", "head": "node", "aws": {${profile}}}`;
  assertEquals(parseClusterConfig(text, "cluster.jsonc").aws.head_profile, "p");
});
