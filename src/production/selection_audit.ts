import type { SelectionConfig } from "../manifest/selection_config.ts";
import type { Panel } from "../quant/panel.ts";
import type { SelectedWindows, SelectionDecision } from "./selection.ts";

/** The file that explains a selection: the settings, then a decision after the other, with features, scores, vetoes and
 * a reason for each candidate. One line a candidate; what is not known is null.
 * @returns JSON with a final newline */
export function selectionAudit(
  settings: SelectionConfig,
  decisions: SelectedWindows["decisions"],
  panel: Panel,
): string {
  const parts = [...decisions].flatMap(([mode, taken]) =>
    taken.map((decision) => decisionJson(mode, decision, panel))
  );
  return `{
"settings": ${JSON.stringify(settings)},
"symbols": ${JSON.stringify(panel.symbols)},
"decisions": [${parts.map((part) => `\n${part}`).join(",")}
]
}
`;
}

function decisionJson(
  mode: string,
  { window, selection }: SelectionDecision,
  { timestampsS }: Panel,
): string {
  const day = (row: number) => JSON.stringify(new Date(timestampsS[row] * 1000).toISOString());
  const assets = selection?.assets ?? [];
  return ` {
  "mode": ${JSON.stringify(mode)},
  "window": ${window.index},
  "train_start": ${day(window.trainFrom)},
  "train_end": ${day(window.trainTo - 1)},
  "clusters": ${selection?.clusters ?? 0},
  "steps": ${JSON.stringify(selection?.steps ?? [])},
  "winners": ${JSON.stringify(selection?.winners.map(({ symbol }) => symbol) ?? [])},
  "candidates": [${assets.map((asset) => `\n   ${JSON.stringify(asset)}`).join(",")}
  ]
 }`;
}
