/** Whether a place is a URL, not the path of a file or a folder: `s3://bucket/prefix`. */
export function isUrl(place: string): boolean {
  return /^[a-z0-9]+:\/\//i.test(place);
}
