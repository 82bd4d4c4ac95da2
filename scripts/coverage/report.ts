import { positiveImages, positiveNodes } from "./clustered-model";
import { notes } from "./notes";
import { clusterings, correlation, replicates } from "./plan";
import type { Row } from "./simulate";

/** VALIDATION.md: what was simulated, a line a method, a table a family. */
export function report(rows: readonly Row[], options: { repetitions: number; seed: number }): string {
  const tables = [...new Set(rows.map(({ table }) => table))];
  return [heading(options), models(), summary(tables, rows), ...tables.map((table) => detail(table, rows))].join("\n");
}

function heading({ repetitions, seed }: { repetitions: number; seed: number }): string {
  const about = `Studies are drawn from models whose true values are known, and every method analyses each of them. A
    95 % interval should cover the truth in 95 % of the studies; 93.5 to 96.5 % is called holding. A test should
    reject a true null hypothesis in 5 %; 3.5 to 6.5 % is called holding. Columns: does the method claim to hold
    (\`yes\`), does the product put a \`caution\` beside it, is it the wrong one for such data (\`naive\`), or a
    \`variant\` that the product does not show; n, the
    studies counted; coverage and its Monte Carlo standard error (SE); the mean width of the interval; bias, the mean
    estimate less the truth. The verdict says how far from 95 % (5 %) a method is that does not hold, "at the edge"
    when two Monte Carlo errors reach the band. An interval of no width counts as one; where the product gives none,
    the study is left out and counted in the verdict. The words under the tables were written after the run with the
    default options.`;
  return `# Coverage by simulation

Written by \`npm run -s coverage -- --repetitions ${repetitions} --seed ${seed} --write\`; do not edit. Same command, same numbers.

${wrapped(about)}
`;
}

function models(): string {
  const { strong, weak } = clusterings;
  const positive = `${(100 * positiveImages(positiveNodes)).toFixed(1)} %`;
  const images = `**Clustered images.** Patients are independent. A patient has 1 to 4 nodes (59 : 47 : 18 : 5), a
    node is positive with probability 99/227 where a setting names no other, independently; a negative node has 1 to 5 images (27 : 45 : 25 : 21 :
    10), a positive one 2 to 6 (33 : 28 : 25 : 10 : 3): with 129 patients, on average the founding study's 227 nodes
    and 644 images, ${positive} of them positive; cluster size depends on the truth. For image k of node j of patient
    i`;
  const ofImages = `P, N, E are standard normal. Strong clustering: a = ${strong.patient}, b = ${strong.node}; weak: a
    = ${weak.patient}, b = ${weak.node}; none: a = b = 0. Each of P, N, E of the first and the second score correlates
    at ${correlation}. A call is positive at score >= 0.4 d of the first score, for both. Settings name the areas of
    both scores. Studies with a class in fewer than two patients are drawn again. True values are in closed form: the
    area that of a random positive against a random negative image of another patient, sensitivity Phi(0.6 d),
    specificity Phi(0.4 d), the positive predictive value at the share of positive images, kappa from the bivariate
    normal distribution (Plackett's integral over the correlation, Simpson's rule). Pairs of images of one patient
    make the expected empirical area differ from that by a term of order 1 / patients: it is in the bias column.
    Bootstrap: ${replicates} replicates.`;
  const cases = "**Readers, independent cases.** Roe and Metz (Acad Radiol 1997;4:298-303) with two equal tests:";
  const ofCases = `Variances of C, TC, RC, E: 0.3, 0.3, 0.2, 0.2 in HL and HH; 0.1, 0.1, 0.2, 0.6 in LL and LH. Of R
    and of TR: 0.0055 in HL and LL; 0.011, 0.03, 0.056 in HH and LH for d = 0.75, 1.5, 2.5 (areas of the median reader
    0.702, 0.855, 0.962). True values: for random readers and cases a difference of 0 and the area Phi(d / sqrt(2 + 4
    var R)); for fixed readers those of the readers drawn in this repetition, the mean over them of Phi((d + R_j1 +
    TR_ij1 - R_j0 - TR_ij0) / sqrt(2)); for fixed cases those of the cases drawn, the mean over pairs of a positive
    and a negative case of Phi(x / sqrt(2 (var R + var TR + var RC + var E))), x the difference of their d t + C + TC.
    The network has the score (d + 0.5) t + C_kt + an error of its own, in all of variance 1.`;
  const readers = `**Readers, clustered images.** The images above with strong clustering; the score of reader j in
    condition i is (d_i + b_j + g_ij) t + error, the errors of all readers, conditions and the network correlated at
    ${correlation} at every level; areas of the median reader 0.85 and 0.8, of the network 0.9; b has the standard
    deviation 0.2, g 0.1. Truth of fixed readers: that of the readers drawn; of random readers: the mean over readers.`;
  const agreement = `**Agreement, clustered images.** The images above; four readers of one area, whose errors correlate at ${correlation} at
    every level, rate from 1 to 5: 2, 3, 4 and 5 from a score of -0.4, 0.1, 0.4 and 0.9 d on, and call from 4 on. Weighted kappa of the ratings and AC1 of
    the calls of two of them, Fleiss' kappa of the calls of four; true values from the bivariate normal distribution, as for kappa.`;
  const numbers = `Random numbers are those of \`core/random.ts\` (mulberry32, Box and Muller). Each setting has a
    stream of its own, but all are parts of one cycle of 2^32. Rows of one setting are of the same studies (the
    bootstrap's are others), so they err together.`;
  const left = `Not simulated: average precision, calibration, net benefit, chosen cut-offs, comparisons of predictive
    values, non-inferiority, and adjustment for multiplicity.`;
  return `## What was simulated

${wrapped(images)}

    score = d t + sqrt(a) P_i + sqrt(b) N_ij + sqrt(1 - a - b) E_ijk,   t = 0, 1 the truth of the node, d = sqrt(2) z(AUC)

${wrapped(ofImages)}

${cases}

    rating of case k by reader j under test i = d t + R_jt + C_kt + (TR)_ijt + (TC)_ikt + (RC)_jkt + E_ijkt

${wrapped(ofCases)}

${wrapped(readers)}

${wrapped(agreement)}

${wrapped(numbers)}

${wrapped(left)}
`;
}

function summary(tables: readonly string[], rows: readonly Row[]): string {
  const lines = tables.flatMap((table) =>
    [...new Set(rows.filter((row) => row.table === table).map(({ method }) => method))].map((method) => {
      const all = rows.filter((row) => row.table === table && row.method === method);
      const claimed = all.filter(({ claim }) => claim === "yes");
      const own = claimed.length > 0 ? claimed : all;
      const shares = own.map(({ share }) => share);
      const holds = `${own.filter(isHolding).length} of ${own.length}`;
      const [lowest, highest] = [Math.min(...shares), Math.max(...shares)].map((share) => share.toFixed(1));
      return cells(table, method, own[0]?.claim ?? "", holds, lowest ?? "", highest ?? "");
    }),
  );
  const head = ["table", "method", "claims to hold", "holds in", "lowest", "highest"];
  return `## In short

Coverage of intervals, rejections of tests, in per cent; of methods that claim to hold only the settings in which they do so without a caution.

${cells(...head)}
${cells(...head.map(() => "---"))}
${lines.join("\n")}
`;
}

function detail(table: string, rows: readonly Row[]): string {
  const own = rows.filter((row) => row.table === table);
  const isTest = own.every(isOfTest);
  const methods = [...new Set(own.map(({ method }) => method))];
  const ordered = methods.flatMap((method) => own.filter((row) => row.method === method));
  const columns = ["method", "setting", "claims to hold", "n", isTest ? "rejected %" : "coverage %", "SE"];
  const head = [...columns, ...(isTest ? [] : ["width", "bias"]), "verdict"];
  const note = notes.get(table)?.replace(/\s+/g, " ");
  const text = note?.replace(/\{([^|]*) \| ([^}]*)\}/g, (_, method: string, setting: string) => {
    const row = own.find((each) => each.method === method && each.setting.startsWith(setting));
    return row ? row.share.toFixed(1) : "-";
  });
  return `## ${table}

${cells(...head)}
${cells(...head.map(() => "---"))}
${ordered.map(line).join("\n")}

${outside(own)}${text ? `\n\n${wrapped(text)}` : ""}
`;
}

const cells = (...texts: string[]): string => `| ${texts.join(" | ")} |`;

function line(row: Row): string {
  const { method, setting, claim, repetitions, share, monteCarloError, width, bias } = row;
  const ofInterval = width === null || bias === null ? [] : [width.toFixed(3), signed(bias, 4)];
  const counts = [String(repetitions), share.toFixed(1), monteCarloError.toFixed(1)];
  return cells(method, setting, claim, ...counts, ...ofInterval, verdict(row));
}

const isOfTest = ({ width, repetitions }: Row): boolean => width === null && repetitions > 0;

const bandOf = (row: Row): readonly [number, number] => (isOfTest(row) ? [3.5, 6.5] : [93.5, 96.5]);

function isHolding(row: Row): boolean {
  const [low, high] = bandOf(row);
  return row.share >= low && row.share <= high;
}

function verdict(row: Row): string {
  const { share, monteCarloError, without, claim } = row;
  const [low, high] = bandOf(row);
  const isTest = isOfTest(row);
  const missing = without === 0 ? "" : `; ${without} without ${isTest ? "a test" : "an interval"}`;
  if (isHolding(row)) return `holds${missing}`;
  const gap = Math.abs(share - (isTest ? 5 : 95)).toFixed(1);
  const isBelow = share < low;
  const words = isTest ? (isBelow ? "too seldom" : "too often") : isBelow ? "too low" : "too high";
  const reaches = isBelow ? share + 2 * monteCarloError >= low : share - 2 * monteCarloError <= high;
  const text = `${words} by ${gap}${reaches ? ", at the edge" : ""}`;
  return `${claim === "yes" ? `**${text}**` : text}${missing}`;
}

/** A sentence on the methods that claim to hold and do not. */
function outside(rows: readonly Row[]): string {
  const claimed = rows.filter(({ claim }) => claim === "yes");
  const failed = claimed.filter((row) => !isHolding(row));
  if (claimed.length === 0) return "";
  if (failed.length === 0) return `What claims to hold does so in all ${claimed.length} rows.`;
  return `What claims to hold leaves the band in ${failed.length} of ${claimed.length} rows.`;
}

const signed = (value: number, digits: number): string => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(digits)}`;

/** At the start of a line these make a list of what follows. */
const listMarks = new Set(["+", "-", "*"]);

/** Lines of about 140 characters. */
function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const current = lines[lines.length - 1] ?? "";
    if (current === "") lines[lines.length - 1] = word;
    else if (current.length + 1 + word.length <= 140 || listMarks.has(word))
      lines[lines.length - 1] = `${current} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
