/** Something that the run, or one of its tasks, left for people to look at. */
export type ArtifactReport =
  & {
    /** Of the task; null: of the run itself. */
    readonly task: string | null;
    readonly title: string;
  }
  & ArtifactBody;

/** What there is to see. */
export type ArtifactBody =
  | {
    readonly type: "table";
    readonly columns: readonly string[];
    /** Of as many cells as there are columns. */
    readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  }
  | { readonly type: "markdown"; readonly text: string }
  | {
    readonly type: "link";
    /** Of http(s), or a path. */
    readonly url: string;
  }
  | {
    readonly type: "progress";
    /** From 0 to 1. */
    readonly fraction: number;
  }
  | {
    readonly type: "image";
    readonly mediaType: string;
    /** The file's bytes. */
    readonly base64: string;
  };
