export {
  ProgressDisplay,
  type ProgressDisplayOptions,
  type ProgressReporter,
  type ProgressWriter,
} from "./display.ts";
export type * from "./events.ts";
export { openStderrDisplay } from "./stderr_display.ts";
