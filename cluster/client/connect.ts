import { decodeHeadToClientFrame } from "../protocol/codec.ts";
import { Connection } from "../protocol/connection.ts";
import type { HeadToClientMessage } from "../protocol/messages.ts";
import { Client } from "./client.ts";
import type { ClientWiring } from "./wiring.ts";
import { CodeShipping } from "./code_shipping.ts";
import type { CodeShippingOptions } from "./code_shipping.ts";
import { RemoteObjects } from "./object_access.ts";
import type { ClusterClient } from "./types.ts";

/** Where the head is, and how to get in. */
export interface ConnectOptions {
  /** For instance `http://127.0.0.1:4567`. */
  readonly headUrl: string;
  /** The cluster's bearer token, or what tells it anew for each connection: a function that reads the token's file goes on
   * after the token was rotated. */
  readonly token: string | (() => string);
  /** How long the head may be away before everything pending fails; default: 30 s. */
  readonly patienceMs?: number;
  /** Told of tasks that wait for a worker that is not there; one warning for many tasks alike. */
  readonly onWarning?: (warning: string) => void;
  /** How the modules of tasks reach the nodes: `"shipped"`, the default, or shipped as the options say: the source tree
   * of each module's project travels as an archive, once a version; `"in-place"`: they lie at the same place on every
   * node. */
  readonly code?: "shipped" | "in-place" | CodeShippingOptions;
}

const DEFAULT_PATIENCE_MS = 30_000;

/** Connects to a head. The connection is made in the background and made again when it breaks; tasks that are pending
 * are then submitted again, and the head recognises those that it knows.
 * @returns a client; a head that cannot be reached or refuses the token fails whatever is pending
 * @throws {TypeError} when `headUrl` is no address */
export function connect(options: ConnectOptions): ClusterClient {
  const { headUrl } = options;
  if (!/^https?:$/.test(URL.parse(headUrl)?.protocol ?? "")) {
    throw new TypeError(
      `Cannot connect to ${JSON.stringify(headUrl)}: an address looks like http://127.0.0.1:7700`,
    );
  }
  return new Client(remoteWiring(options));
}

/** What a client needs to speak to a head over the network. Once its link is closed or lost, nothing more is waited for. */
function remoteWiring(options: ConnectOptions): ClientWiring {
  const { headUrl, token, code = "shipped", patienceMs = DEFAULT_PATIENCE_MS } = options;
  const ended = new AbortController();
  const source = { url: headUrl, token };
  const patience = { patienceMs, signal: ended.signal };
  return {
    open: (handlers) => {
      const connection = new Connection<HeadToClientMessage>({
        headUrl,
        endpoint: "client",
        token,
        decode: decodeHeadToClientFrame,
        patienceMs,
        ...handlers,
        onLost: (error) => {
          ended.abort();
          handlers.onLost(error);
        },
      });
      return {
        get isOpen() {
          return connection.isOpen;
        },
        send: (messages) => connection.send(messages),
        close: () => {
          ended.abort();
          return connection.close();
        },
      };
    },
    objects: (clientId) => new RemoteObjects(source, patience, clientId),
    onWarning: options.onWarning,
    code: code === "in-place" ? undefined : (clientId) =>
      new CodeShipping(
        new RemoteObjects(source, patience, clientId),
        code === "shipped" ? {} : code,
      ),
  };
}
