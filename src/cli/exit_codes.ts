/** What the commands tell the shell: `ok` · `failure` of what was asked for · `badInput`, which the user can mend ·
 * `interrupted` by Ctrl-C, 128 + the number of SIGINT. */
export const EXIT_CODES = { ok: 0, failure: 1, badInput: 2, interrupted: 130 } as const;
