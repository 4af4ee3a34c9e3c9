const RELAXED = "relaxed: ";

/** What each relaxation means; `%` stands for its value. Codes that are not here are told as they are. */
const MEANINGS: Readonly<Record<string, string>> = {
  group_caps_lifted: "the caps of asset clusters were raised %-fold",
  group_caps_removed: "the caps of asset clusters were left out",
  asset_caps_lifted: "the caps of symbols were raised %-fold",
  asset_caps_removed: "the caps of symbols were left out",
  turnover_limit_lifted: "the turnover limit was raised to %",
  turnover_limit_removed: "the turnover limit was left out",
  turnover_limit_projected: "moved to the nearest portfolio within the turnover limit",
  turnover_cost_unused: "the cost of turnover could not be weighed",
  beta_limit_lifted: "the beta limit was raised to %",
  beta_limit_removed: "the beta limit was left out",
  gross_limit_lifted: "the gross limit was raised to %",
  gross_limit_removed: "the gross limit was left out",
  limits_exceeded: "limits were exceeded by % at most",
  assets_without_room: "symbols whose cap leaves no room were left out",
  no_positive_excess_return:
    "no symbol was expected to earn more than cash, so variance was minimised",
  covariance_ridge:
    "the covariance was too close to singular, so a little was added to its diagonal",
  pruned_to: "only the % largest positions were kept",
  no_core: "the barbell had no core",
  no_aggressors: "the barbell had no aggressors",
  kkt_residual: "the solution is less exact than it should be, by %",
};
const PARTS: Readonly<Record<string, string>> = {
  core: "in the core",
  aggressors: "among the aggressors",
};

/** PURE: a candidate's remark for people: how a problem without a solution was relaxed, in words. */
export function remarkText(remark: string): string {
  const at = remark.indexOf(RELAXED);
  if (at < 0) return remark;
  const codes = remark.slice(at + RELAXED.length).split(", ");
  return `${remark.slice(0, at)}${codes.map(relaxationText).join("; ")}.`;
}

function relaxationText(code: string): string {
  const [name, ...rest] = code.split(":");
  const value = rest.join(":");
  if (Object.hasOwn(PARTS, name) && value !== "") return `${PARTS[name]}, ${relaxationText(value)}`;
  const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
  return meaning === undefined ? code : meaning.replace("%", () => shortNumber(value));
}

/** 1.125000 is 1.125, and 2.50e-7 stays. */
function shortNumber(text: string): string {
  return text.includes(".") && !/e/i.test(text) ? text.replace(/\.?0+$/, "") : text;
}
