/** Tags of all that is made: what carries them is ours, and nothing else is ever touched. */
export const TAGS = {
  cluster: "tradewind:cluster",
  launch: "tradewind:launch",
  /** Of the dearest pool of the launch, in dollars per hour: what it is counted at when its price is not known. */
  price: "tradewind:price",
} as const;

/** A list of tags as EC2 wants it. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The filter by which everything of a cluster is found. */
export function clusterFilter(cluster: string): { Name: string; Values: string[] } {
  return { Name: `tag:${TAGS.cluster}`, Values: [cluster] };
}
