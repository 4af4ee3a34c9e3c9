import type { Clock } from "../../base/clock.ts";
import type { MetaConfig } from "../../manifest/meta_config.ts";
import type { AuditTrail } from "../audit_trail.ts";
import type { OutputFolders, RunFolder } from "../run_folder.ts";
import type { MetaEvent } from "./meta_event.ts";

/** What every stage of a meta-portfolio can lay its hands on. */
export interface MetaContext {
  readonly config: MetaConfig;
  readonly folders: OutputFolders;
  readonly run: RunFolder;
  readonly trail: Pick<AuditTrail, "record" | "headHash">;
  readonly clock: Clock;
  readonly onEvent: (event: MetaEvent) => void;
}
