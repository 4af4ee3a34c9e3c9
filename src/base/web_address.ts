/** PURE: whether an address is one of the web: what users write may lead there, and nowhere else. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}
