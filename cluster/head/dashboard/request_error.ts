/** A request that cannot be answered as it is. */
export class RequestError extends Error {
  /** Tells it from other errors. */
  override readonly name = "RequestError";

  /** @param status of HTTP, from 400 */
  constructor(readonly status: number, message: string) {
    super(message);
  }
}
