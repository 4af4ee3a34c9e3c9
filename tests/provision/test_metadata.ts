/** The metadata service of a test machine, run in its network: `deno run -A test_metadata.ts DIR`. As EC2's of version
 * 2, it wants a token; while DIR has a file `instance-action`, that is its notice. */
const TOKEN = "AQAEAtoken";

function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (request.method === "PUT" && pathname === "/latest/api/token") return new Response(TOKEN);
  if (request.headers.get("x-aws-ec2-metadata-token") !== TOKEN) {
    return new Response("", { status: 401 });
  }
  if (pathname !== "/latest/meta-data/spot/instance-action") {
    return new Response("", { status: 404 });
  }
  try {
    return new Response(Deno.readTextFileSync(`${Deno.args[0]}/instance-action`));
  } catch {
    return new Response("", { status: 404 });
  }
}

if (import.meta.main) Deno.serve({ hostname: "169.254.169.254", port: 80 }, answer);
