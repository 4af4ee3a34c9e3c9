import type { ClientMessage, HeadToClientMessage } from "../protocol/messages.ts";
import type { TaskPermissions } from "../protocol/task_permissions.ts";
import type { CodeSource } from "./code_source.ts";
import type { ObjectAccess } from "./object_access.ts";

/** What carries a client's messages to its head. */
export interface ClientLink {
  /** Whether a frame sent now goes out. */
  readonly isOpen: boolean;
  send(messages: readonly ClientMessage[]): void;
  close(): Promise<void>;
}

/** What a link calls: `hello` and `onOpen` for each new connection, `onLost` once there will be none any more. */
export interface ClientLinkHandlers {
  readonly hello: () => ClientMessage;
  readonly onOpen: () => void;
  readonly onMessage: (message: HeadToClientMessage) => void;
  readonly onLost: (error: Error) => void;
}

/** How a client reaches its head, and its objects. */
export interface ClientWiring {
  readonly open: (handlers: ClientLinkHandlers) => ClientLink;
  readonly objects: (clientId: string) => ObjectAccess;
  /** Told what the head has to say of tasks that wait. */
  readonly onWarning?: (warning: string) => void;
  /** Gives the promise of a result that callers get in its place; default: itself. */
  readonly watch?: <R>(result: Promise<R>) => Promise<R>;
  /** Default: 0. */
  readonly defaultPriority?: number;
  /** What tasks may do that ask for nothing else, and more than which none may; undefined: the usual. */
  readonly permissions?: TaskPermissions;
  /** Sends the modules of tasks along; undefined: they lie at the same place on every node. */
  readonly code?: (clientId: string) => CodeSource;
}
