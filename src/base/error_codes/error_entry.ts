/** What a code of an error stands for. */
export interface ErrorEntry {
  /** What is wrong, whatever the case. */
  readonly meaning: string;
  /** What to do next, where the error itself has no better advice. */
  readonly advice: string;
}
