/** Where the page of a head is.
 * @param url of the head */
export function dashboardUrl(url: string): string {
  return `${url}/dashboard`;
}

/** The same, with what lets its reader in: behind a hash, which no server and no log sees. */
export function dashboardLink(url: string, token: string): string {
  return `${dashboardUrl(url)}#token=${token}`;
}

/** What the help of a command says of the page. */
export const DASHBOARD_TEXT =
  "Its dashboard is at /dashboard of its address: log in with the head's token, or, to look only, with the\n" +
  "viewer_token beside it. The same as JSON: /api/v1/openapi.json says how.";
