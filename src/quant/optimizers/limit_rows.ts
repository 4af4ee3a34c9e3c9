import type { LinearRow } from "./qp_solver.ts";
import { groupCapCanBind, groupRoom, type WeightLimits } from "./weight_limits.ts";

/** Σw = 1 and the group caps that can bind, as rows over n weights. */
export function limitRows(limits: WeightLimits): LinearRow[] {
  const budget = Array.from({ length: limits.n }, (_, i) => i);
  return [
    { indices: budget, values: budget.map(() => 1), lower: 1, upper: 1 },
    ...bindingGroups(limits).map(({ cap, members }) => ({
      indices: members,
      values: members.map(() => 1),
      lower: -Infinity,
      upper: cap,
    })),
  ];
}

/** The groups whose caps can bind, with their assets. */
export function bindingGroups(limits: WeightLimits): { cap: number; members: number[] }[] {
  const room = groupRoom(limits);
  const members = Array.from(limits.caps, (): number[] => []);
  limits.labels.forEach((g, i) => members[g].push(i));
  return members
    .map((assets, g) => ({ g, cap: limits.caps[g], members: assets }))
    .filter(({ g }) => groupCapCanBind(limits, room, g));
}
