import type { Locale } from "../words";
import { checklistOf } from "./checklists";
import { contrastsOf, flowOf, rocOf } from "./figures";
import type { Part, ReportDocument } from "./parts";
import type { ReportInput } from "./records";
import type { Source } from "./sources";
import { accuracyOf, baselineOf, differencesOf, notEvaluableOf, sourcesTable } from "./tables";
import { limitsOf, methodsOf, resultsOf } from "./text";
import { writerOf } from "./writer";

/**
 * The paper of a study: methods, results, limitations, tables, figures, reporting checklists, and where each number is from. Pure: the same records
 * and result give the same document.
 * @returns the document, and every number in it with its path in `{ records, result }`
 */
export function paperOf(input: ReportInput, language: Locale): { document: ReportDocument; cited: readonly Source[] } {
  const w = writerOf(input, language);
  const { say, from, records, result } = w;
  const heading = (level: 1 | 2, name: Parameters<typeof say>[0]): Part => {
    const text = say(name);
    from.at(text);
    return { kind: "heading", level, text };
  };
  const paragraphs = (texts: readonly string[]): Part[] => texts.map((text) => ({ kind: "paragraph", text }));
  const withNotes = (told: { paragraphs: readonly string[]; notes: readonly string[] }): Part[] => [
    ...paragraphs(told.paragraphs),
    ...told.notes.map((text): Part => ({ kind: "paragraph", text, tone: "small" })),
  ];
  const table = (make: () => Omit<Extract<Part, { kind: "table" }>, "kind">): Part => ({ kind: "table", ...make() });
  const { synthetic, name } = records.study;

  from.at(say("heading.methods"));
  const methods = methodsOf(w);
  const parts: Part[] = [
    ...(synthetic ? [{ kind: "paragraph" as const, text: say("synthetic_notice"), tone: "warning" as const }] : []),
    heading(1, "heading.methods"),
    heading(2, "heading.design"),
    ...paragraphs(methods.design),
    ...(methods.tests.length > 0 ? [heading(2, "heading.tests"), ...paragraphs(methods.tests)] : []),
    heading(2, "heading.network"),
    ...paragraphs(methods.network),
    ...(records.protocol.network.length > 0 && result.about.run !== null && result.about.run.trainable !== "elsewhere"
      ? [
          {
            kind: "list" as const,
            items: records.protocol.network.map(({ label, text }) => say("methods.regimen", { label, text })),
          },
        ]
      : []),
    heading(2, "heading.statistics"),
    ...paragraphs(methods.statistics),
    heading(1, "heading.results"),
    ...withNotes(resultsOf(w)),
    heading(1, "heading.limits"),
    { kind: "list", items: limitsOf(w) },
    { kind: "page", wide: false },
  ];
  const placed = (title: string) => from.at(title);
  placed(say("table1.patients", { lesion: records.protocol.lesion }));
  parts.push(table(() => baselineOf(w, "patients")));
  placed(say("table1.lesions", { lesion: records.protocol.lesion }));
  parts.push(
    table(() => baselineOf(w, "lesions")),
    { kind: "page", wide: true },
  );
  placed(say("table2.title", w.counted));
  parts.push(
    table(() => accuracyOf(w)),
    { kind: "page", wide: false },
  );
  placed(say("table3.title"));
  parts.push(table(() => differencesOf(w)));
  if (result.notEvaluable.length > 0) {
    placed(say("table4.title"));
    parts.push(table(() => notEvaluableOf(w)));
  }
  parts.push({ kind: "page", wide: false });
  for (const figure of [flowOf, rocOf, contrastsOf]) {
    placed(say("heading.figures"));
    const drawn = figure(w);
    if (drawn) parts.push({ kind: "figure", ...drawn });
  }
  parts.push(
    { kind: "page", wide: false },
    { kind: "heading", level: 1, text: say("heading.checklists") },
    { kind: "paragraph", text: say("checklists.about") },
    ...(["stard", "claim", "tripod_ai"] as const).map((name) => table(() => checklistOf(w, name))),
    { kind: "page", wide: false },
    { kind: "heading", level: 1, text: say("heading.sources") },
    { kind: "paragraph", text: say("sources.about") },
    table(() => sourcesTable(w)),
  );
  const { protocol } = result.about;
  return {
    cited: from.cited,
    document: {
      title: say("title", { study: name }),
      subtitle: say("subtitle"),
      header: name,
      footer: say("footer", {
        key: protocol.key,
        version: protocol.version,
        methods: input.computed.methods,
        sha256: input.computed.inputSha256.slice(0, 12),
      }),
      watermark: synthetic ? say("synthetic") : null,
      language,
      at: input.computed.at,
      parts,
    },
  };
}
