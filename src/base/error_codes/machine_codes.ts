import type { ErrorEntry } from "./error_entry.ts";

/** Of clusters that are brought up: machines, the cloud, the way there. */
export const MACHINE_CODES = {
  "aws/no-address": {
    meaning: "It cannot be told from which address we are seen, to let it in by SSH.",
    advice: "Name the block in aws.ssh_from of cluster.jsonc.",
  },
  "aws/no-image": {
    meaning: "The region has no such image.",
    advice: "Name another in aws of cluster.jsonc, or leave it out for Ubuntu's.",
  },
  "aws/no-subnet": {
    meaning: "The region has no subnet with a route to the internet.",
    advice: "Name subnets with a route out in aws.subnets of cluster.jsonc.",
  },
  "aws/not-allowed": {
    meaning: "The credentials are missing, have run out, or do not allow what is needed.",
    advice: "Log in, or have the actions of the message allowed. Nothing was bought.",
  },
  "cluster/damaged-journal": {
    meaning: "A line of the journal of machines makes no sense. Nothing is guessed about money.",
    advice: "Move the file away: machines are found again by their tags.",
  },
  "cluster/keeper-failed": {
    meaning: "The process that keeps the cluster did not come up.",
    advice: "Read the log that the message names.",
  },
  "cluster/kept-elsewhere": {
    meaning: "The cluster is kept from another folder or machine.",
    advice: "End its keeper there, or try again 2 minutes after it was heard last.",
  },
  "cluster/not-found": {
    meaning: "Nothing of a cluster of that name is there.",
    advice: "Check the name; deno task cluster:init NAME and cluster:up make one.",
  },
  "cluster/not-up": {
    meaning: "The cluster is known, but no keeper runs.",
    advice: "deno task cluster:up brings it up again.",
  },
  "node/no-address": {
    meaning: "The node is on its way, and has no address yet.",
    advice: "Try again in a moment; deno task cluster:logs tells how far it is.",
  },
  "node/no-deno": {
    meaning: "The program that nodes run could not be fetched.",
    advice: "Check the network and the registry of packages, and try again.",
  },
  "node/no-packages": {
    meaning: "The packages that nodes need could not be packed.",
    advice: "Run deno install in the project, then try again.",
  },
  "node/unfit-machine": {
    meaning: "The machine has a system or an architecture that nodes cannot have.",
    advice: "Use Linux on x86_64 or aarch64.",
  },
  "node/unknown": {
    meaning: "No node or worker is called so, or several begin so.",
    advice: "deno task cluster:status lists them.",
  },
  "provider/bad-image": {
    meaning: "The image that machines start from is not there.",
    advice: "It is looked up once more by itself; if it stays away, name another image.",
  },
  "provider/busy": {
    meaning: "The provider is throttling, failed by itself, or gave no answer.",
    advice: "The same request is made again by itself, with growing pauses.",
  },
  "provider/denied": {
    meaning: "The account may not do that: a permission is missing, or its state forbids it.",
    advice: "Have the action of the message allowed, then bring the cluster up again.",
  },
  "provider/no-capacity": {
    meaning: "The provider has no such machine at the moment.",
    advice: "Other kinds and zones are tried by themselves; name more of them in cluster.jsonc.",
  },
  "provider/not-visible": {
    meaning: "What was just made is not shown yet by the provider.",
    advice: "It is asked for again by itself.",
  },
  "provider/quota": {
    meaning: "The account may not have more machines of this market in this region.",
    advice: "Have the quota raised, or name another region or market.",
  },
  "provider/refused": {
    meaning: "The provider said no for a reason that asking again will not change.",
    advice: "Read its words in the message, and change cluster.jsonc accordingly.",
  },
  "provider/token-reused": {
    meaning: "The provider takes a request for another one: a fault of Tradewind.",
    advice: "Report it with the message; cluster:down leaves nothing behind.",
  },
  "provider/unsupported": {
    meaning: "That kind of machine never has what was asked for in that zone.",
    advice: "It is left out by itself; name other kinds in cluster.jsonc.",
  },
  "ssh/disk-full": {
    meaning: "The disk of the machine is full.",
    advice: "Make room there, or give it a larger disk.",
  },
  "ssh/failed": {
    meaning: "A command on the machine failed.",
    advice: "Read the end of what it wrote in the message, and try it there by hand.",
  },
  "ssh/lost": {
    meaning: "The connection to the machine broke off.",
    advice: "It is tried again; if it stays away, look whether the machine runs.",
  },
  "ssh/no-key": {
    meaning: "There is no private key to log in with, or it has a passphrase.",
    advice: "Give an identity_file without a passphrase in cluster.jsonc.",
  },
  "ssh/no-login": {
    meaning: "The machine does not accept the key for that user.",
    advice: "Put the public key into authorized_keys there, or name the right user and key.",
  },
  "ssh/no-shell": {
    meaning: "The login on the machine gives no shell that runs commands.",
    advice: "Give the user a shell there, or name another user.",
  },
  "ssh/password-only": {
    meaning: "The machine wants a password, and a keeper cannot type.",
    advice: "Put a public key into authorized_keys there.",
  },
  "ssh/refused": {
    meaning: "The machine is there, but nothing takes connections on that port.",
    advice: "Start sshd there, or name its port.",
  },
  "ssh/slow": {
    meaning: "The machine took too long to answer.",
    advice: "It is tried again; if it stays slow, look what the machine does.",
  },
  "ssh/unknown-host-key": {
    meaning: "The key of the machine is not known, and is never trusted on first use.",
    advice: "Log in once by ssh and check its fingerprint, or put host_key into cluster.jsonc.",
  },
  "ssh/unreachable": {
    meaning: "No connection to the machine comes about.",
    advice: "Check its name, its port and the network between.",
  },
  "ssh/wrong-host-key": {
    meaning: "The machine has another key than the one that is known: it may be another machine.",
    advice: "Find out why before you trust it; only then change what is known.",
  },
} as const satisfies Record<string, ErrorEntry>;
