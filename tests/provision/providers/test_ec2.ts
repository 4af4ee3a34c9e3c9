import { type AwsOptions, AwsProvider } from "../../../provision/providers/aws.ts";
import { parseClusterConfig } from "../../../provision/config/parse_cluster_config.ts";
import { TestClock } from "../fake_provider.ts";

/** A pool of the test's EC2. */
export interface TestPool {
  readonly type: string;
  readonly zone: string;
  readonly spotUsd: number;
  /** Machines that it still has. */
  capacity: number;
}

/** A machine of the test's EC2. */
export interface TestInstance {
  readonly id: string;
  readonly type: string;
  readonly zone: string;
  readonly spot: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly launchedAtMs: number;
  readonly visibleAtMs: number;
  /** What it was told at its launch. */
  readonly userData: string;
  /** Its instance profile; empty: none. */
  readonly profile: string;
  /** In its network; default: the same as its public one. */
  privateAddress?: string;
  /** Whether it is in its cluster's security group. */
  isInGroup: boolean;
  state: "pending" | "running" | "shutting-down" | "terminated";
  reason: string;
  address: string;
}

/** A refusal that the next call of an action gets. */
export interface ScriptedError {
  readonly action: string;
  readonly code: string;
  readonly status: number;
  readonly message?: string;
  /** Whether the call is carried out all the same: its answer is lost. */
  readonly after?: boolean;
}

const TYPES: Readonly<Record<string, { cpus: number; mib: number; arch: string; usd: number }>> = {
  "m7g.xlarge": { cpus: 4, mib: 16_384, arch: "arm64", usd: 0.16 },
  "m7i.xlarge": { cpus: 4, mib: 16_384, arch: "x86_64", usd: 0.2 },
  "m7i.48xlarge": { cpus: 192, mib: 786_432, arch: "x86_64", usd: 9.7 },
};

type Params = URLSearchParams;

/** EC2's query protocol and its price list, as much as the provider uses, over HTTP: driven by the real SDK. It keeps
 * what it was asked, gives what its pools have, shows things late, refuses what a test scripts, and takes machines
 * back. Time is the test's. */
export class TestEc2 implements AsyncDisposable {
  readonly clock: TestClock;
  readonly pools: TestPool[] = [
    { type: "m7g.xlarge", zone: "eu-central-1a", spotUsd: 0.05, capacity: 10 },
    { type: "m7i.xlarge", zone: "eu-central-1a", spotUsd: 0.06, capacity: 10 },
    { type: "m7i.xlarge", zone: "eu-central-1b", spotUsd: 0.07, capacity: 10 },
    { type: "m7i.48xlarge", zone: "eu-central-1a", spotUsd: 3, capacity: 10 },
  ];
  readonly errors: ScriptedError[] = [];
  /** With the access key by which each was signed. */
  readonly calls: { action: string; params: Params; atMs: number; accessKey: string }[] = [];
  readonly instances = new Map<string, TestInstance>();
  readonly groups = new Map<
    string,
    { tags: Record<string, string>; open: Set<string>; openWithin: boolean }
  >();
  readonly templates = new Map<
    string,
    { name: string; userData: string; profile: string; tags: Record<string, string> }
  >();
  /** How long a new machine is not shown. */
  hiddenMs = 0;
  hasRoute = true;
  /** What Systems Manager publishes, by name. */
  readonly parameters = new Map<string, string>();
  readonly #answers = new Map<string, string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #serial = 0;

  readonly #hostname: string;

  /** @param clock default: one that the test moves
   * @param hostname of this machine, by which it is reached */
  constructor(clock = new TestClock(), hostname = "127.0.0.1") {
    this.clock = clock;
    this.#hostname = hostname;
    const options = { hostname, port: 0, onListen() {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  get url(): string {
    return `http://${this.#hostname}:${this.#server.addr.port}`;
  }

  /** The provider, with the real SDK, on this EC2.
   * @param aws members of the section `aws`, as JSON
   * @param place where the head and the caller are */
  provider(
    dir: string,
    aws = "{}",
    place: Pick<AwsOptions, "hasHeadInside" | "isInside"> = {},
  ): AwsProvider {
    const head = aws.includes("head_profile") ? "node" : "local";
    const text = `{"name": "c", "provider": "aws", "head": "${head}", "aws": ${aws}}`;
    return new AwsProvider({
      cluster: "c",
      config: parseClusterConfig(text, "cluster.jsonc").aws,
      dir,
      access: {
        endpoint: this.url,
        credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
      },
      addressUrl: `${this.url}/my-address`,
      clock: this.clock,
      ...place,
    });
  }

  alive(): TestInstance[] {
    return [...this.instances.values()].filter(({ state }) => state !== "terminated");
  }

  /** Starts what is pending, and ends what shuts down. */
  settle(): void {
    for (const instance of this.instances.values()) {
      if (instance.state === "pending") instance.state = "running";
      if (instance.state === "shutting-down") instance.state = "terminated";
    }
  }

  /** Takes a spot machine back. */
  interrupt(id: string): void {
    const instance = this.instances.get(id) as TestInstance;
    instance.state = "shutting-down";
    instance.reason = "Server.SpotInstanceTermination: taken back";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    if (request.url.endsWith("/my-address")) return new Response("203.0.113.7\n");
    const target = request.headers.get("x-amz-target");
    if (target === "AmazonSSM.GetParameters") return this.#parametersOf(await request.json());
    if (target !== null) return this.#price(await request.json());
    const params = new URLSearchParams(await request.text());
    const action = params.get("Action") ?? "";
    const authorization = request.headers.get("authorization") ?? "";
    const accessKey = /Credential=(\w+)/.exec(authorization)?.[1] ?? "";
    this.calls.push({ action, params, atMs: this.clock.nowMs(), accessKey });
    const scripted = this.errors.findIndex((error) => error.action === action);
    const [error] = scripted < 0 ? [] : this.errors.splice(scripted, 1);
    if (error !== undefined && error.after !== true) return refuse(error);
    if (params.get("DryRun") === "true") {
      return refuse({ action, code: "DryRunOperation", status: 412 });
    }
    const outcome = this.#perform(action, params);
    if (typeof outcome !== "string") return refuse({ action, ...outcome });
    if (error !== undefined) return refuse(error);
    const body = `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
      `<requestId>r</requestId>${outcome}</${action}Response>`;
    return new Response(body, { headers: { "content-type": "text/xml" } });
  }

  #perform(action: string, params: Params): string | { code: string; status: number } {
    const cluster = filterOf(params, "tag:tradewind:cluster");
    switch (action) {
      case "DescribeInstanceTypes":
        return `<instanceTypeSet>${
          items(Object.entries(TYPES), ([type, { cpus, mib, arch }]) =>
            `<instanceType>${type}</instanceType><vCpuInfo><defaultVCpus>${cpus}</defaultVCpus></vCpuInfo>` +
            `<memoryInfo><sizeInMiB>${mib}</sizeInMiB></memoryInfo><processorInfo><supportedArchitectures>` +
            `<item>${arch}</item></supportedArchitectures></processorInfo>`)
        }</instanceTypeSet>`;
      case "DescribeSpotPriceHistory": {
        const types = valuesOf(params, "InstanceType");
        const shown = this.pools.filter(({ type }) => types.includes(type));
        return `<spotPriceHistorySet>${
          items(shown, ({ type, zone, spotUsd }) =>
            `<instanceType>${type}</instanceType><availabilityZone>${zone}</availabilityZone>` +
            `<spotPrice>${spotUsd}</spotPrice>`)
        }</spotPriceHistorySet>`;
      }
      case "DescribeSubnets":
        return `<subnetSet>${
          items(["a", "b"], (letter) =>
            `<subnetId>subnet-${letter}</subnetId><vpcId>vpc-1</vpcId>` +
            `<availabilityZone>eu-central-1${letter}</availabilityZone>`)
        }</subnetSet>`;
      case "DescribeRouteTables":
        return `<routeTableSet><item><vpcId>vpc-1</vpcId><associationSet><item><main>true</main></item>` +
          `</associationSet><routeSet>${
            this.hasRoute
              ? "<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId></item>"
              : ""
          }</routeSet></item></routeTableSet>`;
      case "DescribeImages":
        return `<imagesSet>${
          items(["x86_64-2", "x86_64-1", "arm64-1"], (name) => {
            const [arch, day] = name.split("-");
            return `<imageId>ami-${arch}${day}</imageId><architecture>${arch}</architecture>` +
              `<creationDate>2026-01-0${day}T00:00:00.000Z</creationDate>`;
          })
        }</imagesSet>`;
      case "DescribeSecurityGroups": {
        if (filterOf(params, "group-name") === "default") {
          return "<securityGroupInfo><item><groupId>sg-default</groupId></item></securityGroupInfo>";
        }
        const shown = [...this.groups].filter(([, { tags }]) =>
          tags["tradewind:cluster"] === cluster
        );
        return `<securityGroupInfo>${
          items(shown, ([id, { open, openWithin }]) =>
            `<groupId>${id}</groupId><ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort>` +
            `<toPort>22</toPort><ipRanges>${
              items([...open], (block) =>
                `<cidrIp>${block}</cidrIp>`)
            }</ipRanges><groups>${
              openWithin ? `<item><groupId>${id}</groupId></item>` : ""
            }</groups></item></ipPermissions>`)
        }</securityGroupInfo>`;
      }
      case "CreateSecurityGroup": {
        const id = `sg-${++this.#serial}`;
        this.groups.set(id, { tags: tagsOf(params, 1), open: new Set(), openWithin: false });
        return `<groupId>${id}</groupId>`;
      }
      case "AuthorizeSecurityGroupIngress":
      case "RevokeSecurityGroupIngress": {
        const group = this.groups.get(params.get("GroupId") ?? "");
        if (group === undefined) return { code: "InvalidGroup.NotFound", status: 400 };
        const { open } = group;
        if (params.get("IpPermissions.1.Groups.1.GroupId") === params.get("GroupId")) {
          group.openWithin = action.startsWith("A");
        }
        for (let k = 1; params.has(`IpPermissions.1.IpRanges.${k}.CidrIp`); k++) {
          const block = params.get(`IpPermissions.1.IpRanges.${k}.CidrIp`) as string;
          if (action.startsWith("A")) open.add(block);
          else open.delete(block);
        }
        return "<return>true</return>";
      }
      case "DeleteSecurityGroup":
        if (this.alive().some(({ isInGroup }) => isInGroup)) {
          return { code: "DependencyViolation", status: 400 };
        }
        this.groups.delete(params.get("GroupId") ?? "");
        return "<return>true</return>";
      case "ModifyInstanceAttribute": {
        const instance = this.instances.get(params.get("InstanceId") ?? "");
        if (instance === undefined) return { code: "InvalidInstanceID.NotFound", status: 400 };
        instance.isInGroup = params.get("GroupId.1") !== "sg-default";
        return "<return>true</return>";
      }
      case "CreateLaunchTemplate": {
        const name = params.get("LaunchTemplateName") as string;
        if ([...this.templates.values()].some((template) => template.name === name)) {
          return { code: "InvalidLaunchTemplateName.AlreadyExistsException", status: 400 };
        }
        const userData = atob(params.get("LaunchTemplateData.UserData") ?? "");
        const profile = params.get("LaunchTemplateData.IamInstanceProfile.Name") ?? "";
        const tags = tagsOf(params, 1);
        this.templates.set(`lt-${++this.#serial}`, { name, userData, profile, tags });
        return "<launchTemplate/>";
      }
      case "DescribeLaunchTemplates": {
        const shown = [...this.templates].filter(([, { tags }]) =>
          tags["tradewind:cluster"] === cluster
        );
        return `<launchTemplates>${
          items(shown, ([id]) => `<launchTemplateId>${id}</launchTemplateId>`)
        }</launchTemplates>`;
      }
      case "DeleteLaunchTemplate":
        this.templates.delete(params.get("LaunchTemplateId") ?? "");
        return "<launchTemplate/>";
      case "CreateFleet": {
        const token = params.get("ClientToken") as string;
        const answer = this.#answers.get(token) ?? this.#fleet(params);
        this.#answers.set(token, answer);
        return answer;
      }
      case "DescribeInstances": {
        const shown = [...this.instances.values()].filter(({ tags, visibleAtMs }) =>
          tags["tradewind:cluster"] === cluster && visibleAtMs <= this.clock.nowMs()
        );
        return `<reservationSet>${
          items(shown, (instance) =>
            `<instancesSet><item>${instanceXml(instance)}</item></instancesSet>`)
        }</reservationSet>`;
      }
      case "TerminateInstances": {
        const ids = valuesOf(params, "InstanceId");
        const unknown = ids.some((id) => !this.instances.has(id));
        if (unknown) return { code: "InvalidInstanceID.NotFound", status: 400 };
        for (const id of ids) {
          const instance = this.instances.get(id) as TestInstance;
          if (instance.state !== "terminated") instance.state = "shutting-down";
        }
        return "<instancesSet/>";
      }
      default:
        return { code: "InvalidAction", status: 400 };
    }
  }

  #fleet(params: Params): string {
    const target = "TargetCapacitySpecification";
    const count = Number(params.get(`${target}.TotalTargetCapacity`));
    const spot = params.get(`${target}.DefaultTargetCapacityType`) === "spot";
    const name = params.get(
      "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName",
    );
    const template = [...this.templates.values()].find((one) => one.name === name);
    const { userData = "", profile = "" } = template ?? {};
    const made: { override: string; instance: TestInstance }[] = [];
    const errors: string[] = [];
    for (let k = 1; params.has(`LaunchTemplateConfigs.1.Overrides.${k}.InstanceType`); k++) {
      const at = `LaunchTemplateConfigs.1.Overrides.${k}`;
      const type = params.get(`${at}.InstanceType`) as string;
      const subnet = params.get(`${at}.SubnetId`) as string;
      const zone = `eu-central-1${subnet.at(-1)}`;
      const override = `<launchTemplateAndOverrides><overrides><subnetId>${subnet}</subnetId>` +
        `<instanceType>${type}</instanceType></overrides></launchTemplateAndOverrides>`;
      const pool = this.pools.find((one) => one.type === type && one.zone === zone);
      while (made.length < count && pool !== undefined && pool.capacity > 0) {
        pool.capacity--;
        made.push({
          override,
          instance: this.#start(type, zone, spot, { userData, profile }, tagsOf(params, 2)),
        });
      }
      if (made.length < count) {
        errors.push(
          `<errorCode>InsufficientInstanceCapacity</errorCode><errorMessage>none</errorMessage>${override}`,
        );
      }
    }
    return `<fleetId>fleet-1</fleetId><errorSet>${items(errors, (error) => error)}</errorSet>` +
      `<fleetInstanceSet>${
        items(made, ({ override, instance: { id, type } }) =>
          `<instanceIds><item>${id}</item></instanceIds><instanceType>${type}</instanceType>${override}`)
      }</fleetInstanceSet>`;
  }

  #start(
    type: string,
    zone: string,
    spot: boolean,
    told: Pick<TestInstance, "userData" | "profile">,
    tags: Record<string, string>,
  ): TestInstance {
    const serial = ++this.#serial;
    const instance: TestInstance = {
      id: `i-${serial}`,
      ...told,
      isInGroup: true,
      address: `198.51.100.${serial}`,
      type,
      zone,
      spot,
      tags,
      launchedAtMs: this.clock.nowMs(),
      visibleAtMs: this.clock.nowMs() + this.hiddenMs,
      state: "pending",
      reason: "",
    };
    this.instances.set(instance.id, instance);
    return instance;
  }

  #parametersOf({ Names }: { Names: string[] }): Response {
    const known = Names.filter((name) => this.parameters.has(name));
    const Parameters = known.map((Name) => ({ Name, Value: this.parameters.get(Name) }));
    return Response.json({
      Parameters,
      InvalidParameters: Names.filter((name) => !this.parameters.has(name)),
    }, { headers: { "content-type": "application/x-amz-json-1.1" } });
  }

  #price({ Filters }: { Filters: { Field: string; Value: string }[] }): Response {
    const type = Filters.find(({ Field }) => Field === "instanceType")?.Value ?? "";
    const dimension = { unit: "Hrs", pricePerUnit: { USD: String(TYPES[type].usd) } };
    const product = { terms: { OnDemand: { a: { priceDimensions: { b: dimension } } } } };
    return Response.json({ PriceList: [JSON.stringify(product)] }, {
      headers: { "content-type": "application/x-amz-json-1.1" },
    });
  }
}

function instanceXml(instance: TestInstance): string {
  const { id, type, zone, spot, tags, state, reason, launchedAtMs, address } = instance;
  const { privateAddress = address } = instance;
  return `<instanceId>${id}</instanceId><instanceType>${type}</instanceType><instanceState><name>${state}</name>` +
    `</instanceState><placement><availabilityZone>${zone}</availabilityZone></placement>` +
    (spot ? "<instanceLifecycle>spot</instanceLifecycle>" : "") +
    (state === "running"
      ? `<ipAddress>${address}</ipAddress><privateIpAddress>${privateAddress}</privateIpAddress>`
      : "") +
    (reason === "" ? "" : `<stateReason><message>${reason}</message></stateReason>`) +
    `<launchTime>${new Date(launchedAtMs).toISOString()}</launchTime><tagSet>${
      items(Object.entries(tags), ([key, value]) => `<key>${key}</key><value>${value}</value>`)
    }</tagSet>`;
}

function items<T>(all: readonly T[], xml: (one: T) => string): string {
  return all.map((one) => `<item>${xml(one)}</item>`).join("");
}

function valuesOf(params: Params, name: string): string[] {
  return [...params].filter(([key]) => key.startsWith(`${name}.`)).map(([, value]) => value);
}

function filterOf(params: Params, name: string): string | undefined {
  for (let k = 1; params.has(`Filter.${k}.Name`); k++) {
    if (params.get(`Filter.${k}.Name`) === name) {
      return params.get(`Filter.${k}.Value.1`) ?? undefined;
    }
  }
  return undefined;
}

/** The tags of the k-th specification. */
function tagsOf(params: Params, k: number): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let n = 1; params.has(`TagSpecification.${k}.Tag.${n}.Key`); n++) {
    const at = `TagSpecification.${k}.Tag.${n}`;
    tags[params.get(`${at}.Key`) as string] = params.get(`${at}.Value`) ?? "";
  }
  return tags;
}

function refuse({ code, status, message = "refused" }: ScriptedError): Response {
  return new Response(
    `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors>` +
      `<RequestID>r</RequestID></Response>`,
    { status, headers: { "content-type": "text/xml" } },
  );
}
