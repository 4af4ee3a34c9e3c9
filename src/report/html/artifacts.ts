import type { ArtifactReport } from "../model/artifacts.ts";
import type { ReportModel } from "../model/report_model.ts";
import { artifactTable, omittedText, progressText } from "../text/artifacts.ts";
import { link, markdown } from "./markdown.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** Artifacts that a page shows; the JSON file has all. */
const MAX_ARTIFACTS = 60;

/** What the run and its tasks left for people to look at. */
export function artifactsSection({ artifacts }: ReportModel): Markup {
  if (artifacts.length === 0) return html``;
  const omitted = artifacts.length - MAX_ARTIFACTS;
  return html`<section aria-labelledby="artifacts-title">
<h2 id="artifacts-title">Artifacts</h2>
<p class="note">What tasks of the run left to look at.${
    omitted > 0 ? ` ${omitted} more are in report.json.` : ""
  }</p>
${
    artifacts.slice(0, MAX_ARTIFACTS).map((artifact) =>
      html`<article class="artifact"><h3>${artifact.title}${
        artifact.task === null ? "" : html`
          <span class="limit">${artifact.task}</span>
        `
      }</h3>
${bodyOf(artifact)}</article>`
    )
  }
</section>`;
}

function bodyOf(artifact: ArtifactReport): Markup {
  const { title } = artifact;
  switch (artifact.type) {
    case "table":
      return html`${table(artifactTable(title, artifact))}<p class="note">${
        omittedText(artifact)
      }</p>`;
    case "markdown":
      return markdown(artifact.text);
    case "link":
      return html`<p>${link(artifact.url)}</p>`;
    case "progress":
      return html`<p>${progressText(artifact.fraction)}</p>`;
    case "image":
      return html`<img alt="${title}" src="data:${artifact.mediaType};base64,${artifact.base64}">`;
  }
}
