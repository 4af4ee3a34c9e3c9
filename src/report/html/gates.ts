import type { CandidateVerdict, GateReport } from "../model/gates.ts";
import { verdictOf } from "../model/gates.ts";
import type { CandidateReport, ReportModel } from "../model/report_model.ts";
import { tabledCandidates } from "../text/candidates.ts";
import {
  gateHeading,
  gateValue,
  unmeasuredNotes,
  VERDICT_SIGNS,
  verdictSentence,
} from "../text/gates.ts";
import { html, type Markup } from "./markup.ts";

const VERDICT_WORDS: Readonly<Record<CandidateVerdict, string>> = {
  passed: "Passed",
  failed: "Failed",
  open: "Open",
};

const VERDICT_MARKS: Readonly<Record<CandidateVerdict, string>> = {
  passed: "✓",
  failed: "✗",
  open: "?",
};

/** The verdict over a candidate's gates as a line with a sign; nothing where no gate was held to it. */
export function verdictLine({ gates }: CandidateReport, model: ReportModel): Markup {
  const verdict = verdictOf(gates);
  if (verdict === undefined) return html``;
  return html`
    <p class="verdict v-${verdict}"><strong aria-hidden="true">${VERDICT_MARKS[
      verdict
    ]}</strong> ${verdictSentence(
      gates,
      model.metricDescriptors,
    )}.</p>
  `;
}

/** Candidates × gates: each value with its limit and verdict. */
export function gatesSection(model: ReportModel, names: readonly string[]): Markup {
  const first = model.candidates.find(({ gates }) => gates.length > 0);
  if (first === undefined) return html``;
  const { indices } = tabledCandidates(model);
  const notes = unmeasuredNotes(
    model.candidates.map(({ gates }) => gates),
    model.metricDescriptors,
  );
  return html`
    <section aria-labelledby="gates-title">
      <h2 id="gates-title">Candidate gates</h2>
      <p
        class="note">What a candidate has to fulfil before it may go live. ✓ passed, ✗ failed, ? not measured, which has not passed.${notes
            .length === 0
          ? ""
          : ` ${notes.join("; ")}.`}</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Candidate gates">
        <table class="metrics gates">
          <caption class="hidden">Candidate gates: value and verdict of each</caption>
          <thead>
            <tr><th scope="col">Candidate</th><th scope="col">Verdict</th>${first.gates.map(
              (gate) => {
                const { label, limit } = gateHeading(gate, model.metricDescriptors);
                return html`<th scope="col" class="num">${label}<br><span class="limit">${limit}</span></th>`;
              },
            )}</tr>
          </thead>
          <tbody>${indices.map((index) => gatesRow(model, index, names[index] ?? ""))}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function gatesRow(model: ReportModel, index: number, name: string): Markup {
  const gates = model.candidates[index]?.gates ?? [];
  const verdict = verdictOf(gates);
  return html`
    <tr><th scope="row">${name}</th><td class="v-${verdict ?? "none"}">${verdict === undefined
      ? "–"
      : VERDICT_WORDS[verdict]}</td>${gates.map((gate) => gateCell(gate, model))}</tr>
  `;
}

function gateCell(gate: GateReport, model: ReportModel): Markup {
  const [sign, word] = VERDICT_SIGNS[gate.verdict];
  return html`
    <td
      class="num v-${gate.verdict}">${gateValue(
        gate,
        model.metricDescriptors,
      )} <span aria-hidden="true">${sign}</span><span class="hidden"> (${word})</span></td>
  `;
}
