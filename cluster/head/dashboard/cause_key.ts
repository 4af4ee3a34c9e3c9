/** PURE: what failures of one reason have in common: a message without its numbers, ids, paths and quoted values. */
export function causeKey(message: string): string {
  return message
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, "…")
    .replaceAll(/\b[0-9a-f]{8,}\b/gi, "#")
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, "#")
    .replaceAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi, "#")
    .slice(0, MAX_KEY_LENGTH);
}

const MAX_KEY_LENGTH = 200;
