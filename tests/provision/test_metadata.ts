/** The metadata service of a test machine, run in its network: `deno run -A test_metadata.ts DIR`. As EC2's of version
 * 2, it wants a token; while DIR has a file `instance-action`, that is its notice; one named `role-key` has the access key of its role. */
const TOKEN = "AQAEAtoken";
const ROLE = "/latest/meta-data/iam/security-credentials/";

function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (request.method === "PUT" && pathname === "/latest/api/token") return new Response(TOKEN);
  if (request.headers.get("x-aws-ec2-metadata-token") !== TOKEN) {
    return new Response("", { status: 401 });
  }
  const notice = textOf("instance-action");
  const roleKey = textOf("role-key");
  if (pathname === "/latest/meta-data/spot/instance-action" && notice !== undefined) {
    return new Response(notice);
  }
  if (pathname === ROLE && roleKey !== undefined) return new Response("role");
  if (pathname === `${ROLE}role` && roleKey !== undefined) return credentialsOf(roleKey);
  return new Response("", { status: 404 });
}

function credentialsOf(AccessKeyId: string): Response {
  return Response.json({
    Code: "Success",
    Type: "AWS-HMAC",
    AccessKeyId,
    SecretAccessKey: "secret",
    Token: "token",
    LastUpdated: new Date().toISOString(),
    Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
  });
}

function textOf(name: string): string | undefined {
  try {
    return Deno.readTextFileSync(`${Deno.args[0]}/${name}`);
  } catch {
    return undefined;
  }
}

if (import.meta.main) Deno.serve({ hostname: "169.254.169.254", port: 80 }, answer);
