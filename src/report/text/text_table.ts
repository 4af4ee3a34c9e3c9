/** A table as text, for HTML and Markdown alike: the first cell of a row is its heading. */
export interface TextTable {
  /** What the table is, in a few words. */
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
}

/** A column: its heading, and whether it holds numbers, which stand to the right. */
export interface TableColumn {
  readonly label: string;
  readonly isNumber?: boolean;
}

/** Columns of texts. */
export function texts(...labels: readonly string[]): TableColumn[] {
  return labels.map((label) => ({ label }));
}

/** Columns of numbers. */
export function numbers(...labels: readonly string[]): TableColumn[] {
  return labels.map((label) => ({ label, isNumber: true }));
}
