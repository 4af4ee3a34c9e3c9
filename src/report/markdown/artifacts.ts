import { isWebAddress } from "../../base/web_address.ts";
import type { ArtifactReport } from "../model/artifacts.ts";
import type { ReportModel } from "../model/report_model.ts";
import { artifactTable, omittedText, progressText } from "../text/artifacts.ts";
import { escapeMarkdown, markdownOf } from "./text.ts";

/** What tasks of the run left, as Markdown blocks; none where they left nothing. A user's Markdown is a quotation, so
 * that its headings are not those of the report; images are named. */
export function artifactBlocks({ artifacts }: ReportModel): readonly string[] {
  if (artifacts.length === 0) return [];
  return ["## Artifacts", ...artifacts.flatMap(blocksOf)];
}

function blocksOf(artifact: ArtifactReport): readonly string[] {
  const { task, title } = artifact;
  const heading = `### ${escapeMarkdown(task === null ? title : `${title} (${task})`)}`;
  switch (artifact.type) {
    case "table":
      return [heading, markdownOf(artifactTable(title, artifact)), omittedText(artifact)];
    case "markdown":
      return [heading, quoted(artifact.text)];
    case "link":
      return [
        heading,
        isWebAddress(artifact.url)
          ? `<${artifact.url.replaceAll(/[\s<>]/g, encodeURIComponent)}>`
          : escapeMarkdown(artifact.url),
      ];
    case "progress":
      return [heading, progressText(artifact.fraction)];
    case "image":
      return [heading, `An image (${artifact.mediaType}), which report.html shows.`];
  }
}

/** Tags would be HTML again where this is shown: they become text. */
function quoted(text: string): string {
  return text.replaceAll("<", "\\<").split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
}
