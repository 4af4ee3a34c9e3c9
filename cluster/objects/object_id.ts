const OBJECT_ID_PATTERN = /^[0-9a-f]{64}$/;

/** Whether a text can name an object: the 64 hexadecimal digits of a SHA-256, and so safe as a file's name. */
export function isObjectId(text: string): boolean {
  return OBJECT_ID_PATTERN.test(text);
}
