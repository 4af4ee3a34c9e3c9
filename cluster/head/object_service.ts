import { errorMessage } from "../../src/base/errors.ts";
import { isObjectId } from "../objects/object_id.ts";
import type { ObjectFiles } from "../objects/object_files.ts";

const MAX_OBJECT_BYTES = 16 * 1024 ** 3;

/** Answers `GET`, `HEAD` and `PUT /objects/<sha256>`. The caller has checked the token. */
export async function serveObject(
  request: Request,
  objectId: string,
  objects: ObjectFiles,
): Promise<Response> {
  if (!isObjectId(objectId)) {
    return refusal(400, "An object is named by the 64 hexadecimal digits of its SHA-256");
  }
  switch (request.method) {
    case "GET":
    case "HEAD": {
      const sizeBytes = await objects.sizeBytes(objectId);
      if (sizeBytes === undefined) return refusal(404, `No object ${objectId} here`);
      const headers = {
        "content-length": String(sizeBytes),
        "content-type": "application/octet-stream",
      };
      if (request.method === "HEAD") return new Response(null, { headers });
      const file = await Deno.open(objects.path(objectId), { read: true });
      return new Response(file.readable, { headers });
    }
    case "PUT": {
      if (await objects.sizeBytes(objectId) !== undefined) {
        await request.body?.cancel();
        return new Response(null, { status: 204 });
      }
      try {
        await objects.write(objectId, request.body ?? new Blob([]).stream(), MAX_OBJECT_BYTES);
        return new Response(null, { status: 201 });
      } catch (error) {
        if (error instanceof RangeError) return refusal(422, errorMessage(error));
        throw error;
      }
    }
    default:
      return refusal(405, `Cannot ${request.method} an object`);
  }
}

function refusal(status: number, message: string): Response {
  return Response.json({ error: message }, { status });
}
