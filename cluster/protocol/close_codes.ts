/** Codes with which a head closes a connection; 4000 to 4999 are free for applications (RFC 6455, 7.4.2). After
 * `malformed`, which a hello of another protocol version is too, connecting again would change nothing; after `replaced`
 * it would only drive out who came since; after `expired` it takes the token of now. */
export const CLOSE_CODES = {
  malformed: 4000,
  replaced: 4002,
  dropped: 4003,
  leaving: 4004,
  expired: 4005,
} as const;
