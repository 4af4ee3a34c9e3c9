import { groupCapCanBind, groupRoom, type WeightLimits } from "./weight_limits.ts";

/** The groups whose caps can bind, with their assets. */
export function bindingGroups(limits: WeightLimits): { cap: number; members: number[] }[] {
  const room = groupRoom(limits);
  const members = Array.from(limits.caps, (): number[] => []);
  limits.labels.forEach((g, i) => members[g].push(i));
  return members
    .map((assets, g) => ({ g, cap: limits.caps[g], members: assets }))
    .filter(({ g }) => groupCapCanBind(limits, room, g));
}
