import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readNewProtocol } from "@/core/protocol/read-protocol";
import { type Said, sayIn, words } from "@/core/words";

type Document = Record<string, unknown>;

type Change = [path: string, value: unknown];

/** The founding protocol with fields set, each named by its path; undefined: without it. */
function changed(...changes: Change[]): Document {
  const document: Document = parse(readFileSync("protocols/li-2021.yaml", "utf8"));
  for (const [path, value] of changes) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    const holder = names.reduce<unknown>((part, name) => (part as Document)[name], document) as Document;
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return document;
}

const item = { key: "x", label: "X", visit: "mri" };
const date = { ...item, type: "date" };
const computed = (expression: string): Change => ["criteria.5.computed", expression];
const scale = { min: 1, max: 5, step: 1, low: "surely benign", high: "surely malignant" };
const rating = (settings: Document): Change => ["form.rating", { ...scale, ...settings }];
const network = (settings: Document) => ({
  ...(changed().network as Document),
  ...settings,
});
const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, 1]));

/** For each sentence one protocol that is refused with it: what is set in the founding protocol, and what is said in both languages. */
const refused: Record<string, [change: Change, en: string, zh: string]> = {
  "protocol.missing": [["lesion", undefined], "lesion: is missing; write a text", "lesion：缺失；请填写文本"],
  "protocol.empty": [["planes", []], "planes: is empty; fill it in", "planes：为空；请填写"],
  "protocol.not_of_type": [
    ["conditions.1.washOutDays", "four"],
    'conditions.1.washOutDays: "four" is not a number; write a number',
    'conditions.1.washOutDays："four" 的类型不符；请填写数字',
  ],
  "protocol.not_one_of": [
    ["reading.case", "patient"],
    'reading.case: "patient" is not known; write one of "image", "node"',
    'reading.case："patient" 无法识别；请填写以下之一："image", "node"',
  ],
  "protocol.unknown": [
    ["colour", "red"],
    'protocol: "colour" is not known here; correct the name, or remove it',
    '研究方案：此处无法识别 "colour"；请更正名称或将其删除',
  ],
  "protocol.and_more": [
    ["reading", { case: "image", ...many }],
    'reading: "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7" and 1 more are not known here; correct the name, or remove it',
    'reading：此处无法识别 "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7" 及另外 1 项；请更正名称或将其删除',
  ],
  "protocol.least": [
    ["network.inputSize", 32],
    "network.inputSize: 32 is too small; write at least 75",
    "network.inputSize：32 过小；不得小于 75",
  ],
  "protocol.above": [
    ["network.threshold", 0],
    "network.threshold: 0 is too small; write more than 0",
    "network.threshold：0 过小；须大于 0",
  ],
  "protocol.most": [
    ["network.folds", 50],
    "network.folds: 50 is too large; write at most 20",
    "network.folds：50 过大；不得大于 20",
  ],
  "protocol.below": [
    ["network.threshold", 1],
    "network.threshold: 1 is too large; write less than 1",
    "network.threshold：1 过大；须小于 1",
  ],
  "protocol.characters_most": [
    computed("x".repeat(501)),
    `criteria.5.computed: "${"x".repeat(59)} ... is too long; write at most 500 characters`,
    `criteria.5.computed："${"x".repeat(59)} ... 过长；最多 500 个字符`,
  ],
  "protocol.text": [
    ["title", { en: "One" }],
    'title: {"en":"One"} is no text; write one, or one in each language: { en: ..., zh: ... }',
    'title：{"en":"One"} 不是文本；请填写一段文本，或每种语言各一段：{ en: ..., zh: ... }',
  ],
  "protocol.key": [
    ["criteria.0.key", "Biopsy"],
    'criteria.0.key: "Biopsy" is no key; write lower-case letters, digits, _ and -, and begin with a letter, e.g. round_shape',
    'criteria.0.key："Biopsy" 不能作为标识名；请使用小写字母、数字、_ 和 -，并以字母开头，例如 round_shape',
  ],
  "protocol.item_key": [
    ["baseline.items.0.key", "patient-sex"],
    'baseline.items.0.key: "patient-sex" is no key of an item; write lower-case letters, digits and _, and begin with a letter, e.g. age_years',
    'baseline.items.0.key："patient-sex" 不能作为项目的标识名；请使用小写字母、数字和 _，并以字母开头，例如 age_years',
  ],
  "protocol.day": [
    ["baseline.items.4", { ...date, notAfter: "soon" }],
    'baseline.items.4.notAfter: "soon" is no day; write it as 2026-03-01, or today',
    'baseline.items.4.notAfter："soon" 不是日期；请写成 2026-03-01，或 today',
  ],
  "protocol.reader_code": [
    ["readers", [" R2"]],
    'readers.0: " R2" is no reader code; write 1 to 20 characters without blanks at the ends, e.g. R2',
    'readers.0：" R2" 不是阅片者代码；请写 1 至 20 个字符，首尾无空格，例如 R2',
  ],
  "protocol.twice": [
    ["readers", ["R2", "R2"]],
    'readers: "R2" is there twice; give each its own key, or remove one',
    "readers：“R2”出现两次；请分别使用不同的标识名，或删除一个",
  ],
  "protocol.option_long": [
    ["regions.0.key", "r".repeat(121)],
    `regions.0.key: "${"r".repeat(60)} ..." is too long; write at most 120 characters`,
    `regions.0.key：“${"r".repeat(60)} ...”过长；最多 120 个字符`,
  ],
  "protocol.item_of_the_records": [
    ["baseline.items.0.key", "mri_date"],
    'baseline.items.0.key: "mri_date" is a value that the records give; choose another key',
    "baseline.items.0.key：“mri_date”是由记录给出的值；请换一个标识名",
  ],
  "protocol.item_reserved": [
    ["baseline.items.0.key", "not"],
    'baseline.items.0.key: "not" is a word of the criteria; choose another key',
    "baseline.items.0.key：“not”是标准表达式的保留词；请换一个标识名",
  ],
  "protocol.visit_unknown": [
    ["baseline.items.0.visit", "discharge"],
    'baseline.items.0.visit: "discharge" is not one of visits (enrolment, mri, surgery); add it there or name another',
    "baseline.items.0.visit：“discharge”不在 visits 中（enrolment, mri, surgery）；请在其中添加，或填写其他访视",
  ],
  "protocol.numbers_exchanged": [
    ["baseline.items.1.min", 130],
    "baseline.items.1.min: 130 is above max 120; exchange them",
    "baseline.items.1.min：130 大于 max 120；请将两者对调",
  ],
  "protocol.days_exchanged": [
    ["baseline.items.4", { ...date, notBefore: "2026-02-01", notAfter: "2026-01-01" }],
    "baseline.items.4.notBefore: 2026-02-01 is after notAfter 2026-01-01; exchange them",
    "baseline.items.4.notBefore：2026-02-01 晚于 notAfter 2026-01-01；请将两者对调",
  ],
  "protocol.date": [
    ["baseline.notBefore", "today"],
    'baseline.notBefore: "today" is no day; write it as 2026-03-01',
    'baseline.notBefore："today" 不是日期；请写成 2026-03-01',
  ],
  "protocol.order_unknown": [
    ["baseline.order", ["mri_date", "sex"]],
    'baseline.order.1: "sex" is no date of the record; write one of consent_date, mri_date, surgery_date',
    "baseline.order.1：“sex”不是记录中的日期；请填写以下之一：consent_date, mri_date, surgery_date",
  ],
  "protocol.repeats_unknown": [
    ["conditions.0.repeats", "cohort-2"],
    'conditions.0.repeats: "cohort-2" is no earlier condition (there is none); name one that stands before, or leave repeats out',
    "conditions.0.repeats：“cohort-2”不是先前的条件（尚无）；请填写排在其前的条件，或省略 repeats",
  ],
  "protocol.repeats_other": [
    ["conditions.1.repeats", "cohort-1"],
    'conditions.1.repeats: "cohort-1" shows something else; a repetition shows the same',
    "conditions.1.repeats：“cohort-1”显示的内容不同；重复阅片须显示相同内容",
  ],
  "protocol.condition_unknown": [
    ["reading", { case: "image", practice: { passMark: 0.8, conditions: ["cohort-9"] } }],
    'reading.practice.conditions.0: there is no condition "cohort-9"; name some of cohort-1, cohort-2, or leave conditions out',
    "reading.practice.conditions.0：没有条件“cohort-9”；请填写以下条件：cohort-1, cohort-2，或省略 conditions",
  ],
  "protocol.practice_mark": [
    ["reading", { case: "image", practice: { passMark: 2 / 3 } }],
    "reading.practice.passMark: 0.6666666666666666 is no whole percent; write it in hundredths, from 0.01 to 1, e.g. 0.66",
    "reading.practice.passMark：0.6666666666666666 不是整百分数；请以百分之一为单位填写，从 0.01 到 1，例如 0.66",
  ],
  "protocol.design_shows": [
    ["reading.design", "crossover"],
    'reading.design: "crossover" would have some cases read in cohort-2 before cohort-1, and the two do not show the same; write sequential, or let all conditions show the same',
    "reading.design：“crossover”会使部分病例先在 cohort-2 中、后在 cohort-1 中阅片，而两者显示的内容不同；请填写 sequential，或使各条件显示相同内容",
  ],
  "protocol.design_undrawn": [
    ["reading.design", "split-plot"],
    'reading.design: "split-plot" is not drawn yet by this version; write sequential',
    "reading.design：本版本尚不能抽取“split-plot”；请填写 sequential",
  ],
  "protocol.condition_network": [
    ["conditions.0.key", "network"],
    'conditions.0.key: a condition cannot have the key "network" where a primary contrast is planned: this is the network',
    "conditions.0.key：规定了主要比较时，条件的键不能为“network”：它表示神经网络",
  ],
  "protocol.primary_unknown": [
    ["analysis.primary.second", "cohort-3"],
    'analysis.primary.second: there is no condition "cohort-3"; name one of cohort-1, cohort-2, or first: network',
    "analysis.primary.second：没有条件“cohort-3”；请填写 cohort-1, cohort-2 之一，或 first: network",
  ],
  "protocol.primary_same": [
    ["analysis.primary.first", "cohort-2"],
    "analysis.primary.second: a condition is not compared with itself; name another",
    "analysis.primary.second：条件不能与自身比较；请另填一个",
  ],
  "protocol.primary_repeats": [
    ["conditions.1.repeats", "cohort-1"],
    'analysis.primary.second: "cohort-2" repeats another condition: its reads count for agreement alone; name the one that it repeats',
    "analysis.primary.second：“cohort-2”重复另一条件：其阅片仅用于一致性；请填写被重复的条件",
  ],
  "protocol.primary_unrated": [
    ["form.confidence", undefined],
    "analysis.primary.measure: areas need a rating or a confidence, which the form does not ask for; set form.rating or form.confidence, or plan another measure",
    "analysis.primary.measure：AUC 需要评分或信心值，而表单未采集；请设置 form.rating 或 form.confidence，或计划其他指标",
  ],
  "protocol.primary_few_readers": [
    ["analysis.primary.readers", "random"],
    "analysis.primary.readers: nothing is tested of readers like these below 5 readers; write fixed, or name more readers",
    "analysis.primary.readers：不足 5 位阅片者时不对同类阅片者作检验；请填写 fixed，或增加阅片者",
  ],
  "protocol.families": [
    ["analysis.families", [["condition", "reader"]]],
    'analysis.families: the kind "network" must be in the comparisons and in exactly one family; put it there once',
    "analysis.families：类别“network”须列入 comparisons，且恰好属于一个 families 分组；请填写一次",
  ],
  "protocol.exclusion_unknown": [
    ["analysis.exclusions", { planes: ["oblique"] }],
    'analysis.exclusions.planes: "oblique" is not known; name some of axial, sagittal, coronal',
    "analysis.exclusions.planes：“oblique”无法识别；请填写以下之一：axial, sagittal, coronal",
  ],
  "protocol.primary_not_compared": [
    ["analysis.comparisons", ["reader"]],
    'analysis.comparisons: the primary contrast is of the family "network"; add it to the comparisons',
    "analysis.comparisons：主要比较属于“network”类；请将其加入 comparisons",
  ],
  "protocol.rule_set_unknown": [
    ["form.ruleSet", "mine"],
    'form.ruleSet: "mine" is not one of ruleSets (esgar-2016, as-printed); add it there or name another',
    "form.ruleSet：“mine”不在 ruleSets 中（esgar-2016, as-printed）；请在其中添加，或填写其他规则集",
  ],
  "protocol.rating_ends": [
    rating({ min: 5, max: 1 }),
    "form.rating.min: 5 is not below max 1; exchange them, or write two ends",
    "form.rating.min：5 不小于 max 1；请对调，或填写两端的值",
  ],
  "protocol.rating_step": [
    rating({ min: 1, max: 10, step: 2 }),
    "form.rating.step: steps of 2 from 1 on do not meet max 10; write a step that does, or leave it out",
    "form.rating.step：从 1 起步长 2 到不了 max 10；请填写合适的步长，或省略",
  ],
  "protocol.rating_cutoff": [
    ["form", { criteria: [], rating: { ...scale, positiveFrom: 3.5 } }],
    "form.rating.positiveFrom: 3.5 divides no ratings; write a value of the scale above 1, up to 5",
    "form.rating.positiveFrom：3.5 不能划分评分；请填写量表上大于 1、不超过 5 的值",
  ],
  "protocol.rating_and_rules": [
    rating({ positiveFrom: 4 }),
    'form.rating.positiveFrom: the call follows from the rating or from the rule set "esgar-2016", not from both; leave positiveFrom or form.ruleSet out',
    'form.rating.positiveFrom：判读要么由评分得出，要么由规则集 "esgar-2016" 得出，不能兼有；请省略 positiveFrom 或 form.ruleSet',
  ],
  "protocol.last_band": [
    ["ruleSets.0.sizeShown.2.upTo", 20],
    "ruleSets.0.sizeShown: the last band has a bound; leave it out there, so that every size has a rule",
    "ruleSets.0.sizeShown：最后一个区间设有界限；请省略，使每种大小都有规则",
  ],
  "protocol.criteria_many": [
    ["ruleSets.0.sizeHidden.criteria", 4],
    "ruleSets.0: 4 criteria are more than the form has (3); ask for fewer, or add to form.criteria",
    "ruleSets.0：4 项征象多于表单所有（3）；请减少要求，或在 form.criteria 中添加",
  ],
  "protocol.expression.not_understood": [
    computed("short_axis_mm + 1 > 3"),
    'criteria.5.computed: "short_axis_mm + 1 > 3": at position 15: "+" is not understood; write names, numbers, dates as 2026-03-01, options in double quotes, <= >= != < = >, and, or, not, ( )',
    "criteria.5.computed：“short_axis_mm + 1 > 3”：第 15 个字符：无法理解“+”；请使用名称、数字、2026-03-01 形式的日期、双引号中的选项、<= >= != < = >、and、or、not、( )",
  ],
  "protocol.expression.bracket": [
    computed("(age_years >= 3"),
    'criteria.5.computed: "(age_years >= 3": at position 16: the bracket of position 1 is not closed; write ) before the end',
    "criteria.5.computed：“(age_years >= 3”：第 16 个字符：第 1 个字符处的括号未闭合；请在表达式末尾之前写 )",
  ],
  "protocol.expression.deep": [
    computed(`${"not ".repeat(31)}age_years >= 3`),
    `criteria.5.computed: "${"not ".repeat(31)}age_years >= 3": at position 125: more than 30 brackets or words "not" stand within each other; write it flatter`,
    `criteria.5.computed：“${"not ".repeat(31)}age_years >= 3”：第 125 个字符：括号或 not 的嵌套超过 30 层；请减少嵌套`,
  ],
  "protocol.expression.no_operator": [
    computed("age_years 3"),
    'criteria.5.computed: "age_years 3": at position 11: "3" does not compare; write one of <= >= != < = >',
    "criteria.5.computed：“age_years 3”：第 11 个字符：“3”不是比较符；请填写以下之一：<= >= != < = >",
  ],
  "protocol.expression.no_side": [
    computed("age_years >= )"),
    'criteria.5.computed: "age_years >= )": at position 14: ")" is not expected; write a name, a number, a date or an option',
    "criteria.5.computed：“age_years >= )”：第 14 个字符：此处不应为“)”；请填写名称、数字、日期或选项",
  ],
  "protocol.expression.no_join": [
    computed("age_years >= 3 years 4"),
    'criteria.5.computed: "age_years >= 3 years 4": at position 22: "4" is not expected; join comparisons with and or or',
    "criteria.5.computed：“age_years >= 3 years 4”：第 22 个字符：此处不应为“4”；请用 and 或 or 连接各项比较",
  ],
  "protocol.expression.no_date": [
    computed("surgery_date - and"),
    'criteria.5.computed: "surgery_date - and": at position 16: "and" is no date of the record; a difference is between two, e.g. surgery_date - mri_date',
    "criteria.5.computed：“surgery_date - and”：第 16 个字符：“and”不是记录中的日期；须为两个日期之差，例如 surgery_date - mri_date",
  ],
  "protocol.expression.no_day": [
    computed("mri_date > 2026-02-30"),
    'criteria.5.computed: "mri_date > 2026-02-30": at position 12: 2026-02-30 is no day of the calendar; correct it',
    "criteria.5.computed：“mri_date > 2026-02-30”：第 12 个字符：2026-02-30 不是日历中的日期；请更正",
  ],
  "protocol.expression.nothing_of_the_record": [
    computed("3 > 2"),
    'criteria.5.computed: "3 > 2": at position 1: nothing of the record is compared; name an item: sex, age_years, t_stage, surgery_date, short_axis_mm, mri_date',
    "criteria.5.computed：“3 > 2”：第 1 个字符：未比较记录中的任何值；请填写一个项目：sex, age_years, t_stage, surgery_date, short_axis_mm, mri_date",
  ],
  "protocol.expression.types": [
    computed("mri_date > 3"),
    'criteria.5.computed: "mri_date > 3": at position 12: a date is not compared with a number; write a date here',
    "criteria.5.computed：“mri_date > 3”：第 12 个字符：日期不能与数字比较；此处请填写日期",
  ],
  "protocol.expression.options_without_order": [
    computed('sex < "male"'),
    'criteria.5.computed: "sex < "male"": at position 1: options have no order, so < does not compare them; write = or !=',
    'criteria.5.computed：“sex < "male"”：第 1 个字符：选项没有顺序，不能用 < 比较；请使用 = 或 !=',
  ],
  "protocol.expression.choice": [
    computed("sex = sex"),
    'criteria.5.computed: "sex = sex": at position 7: a choice is compared with one of its options; write one of "male", "female"',
    'criteria.5.computed：“sex = sex”：第 7 个字符：选项类项目只能与其选项比较；请填写以下之一："male", "female"',
  ],
  "protocol.expression.option_unknown": [
    computed('sex = "f"'),
    'criteria.5.computed: "sex = "f"": at position 7: "f" is no option; write one of "male", "female"',
    'criteria.5.computed：“sex = "f"”：第 7 个字符：“f”不是选项；请填写以下之一："male", "female"',
  ],
  "protocol.expression.days_missing": [
    computed("surgery_date - mri_date <= 14"),
    'criteria.5.computed: "surgery_date - mri_date <= 14": at position 28: the unit of the difference is missing; write days after the number',
    "criteria.5.computed：“surgery_date - mri_date <= 14”：第 28 个字符：日期之差缺少单位；请在数字后写 days",
  ],
  "protocol.expression.units": [
    computed("short_axis_mm >= 3 cm"),
    'criteria.5.computed: "short_axis_mm >= 3 cm": at position 18: cm does not fit mm; nothing is converted, write both in one unit',
    "criteria.5.computed：“short_axis_mm >= 3 cm”：第 18 个字符：cm与mm的单位不符；不作换算，请使用同一单位",
  ],
  "protocol.expression.difference": [
    computed("surgery_date - age_years <= 14 days"),
    'criteria.5.computed: "surgery_date - age_years <= 14 days": at position 1: age_years is a number; a difference is between two dates, in days',
    "criteria.5.computed：“surgery_date - age_years <= 14 days”：第 1 个字符：age_years 是数字；须为两个日期之差，以天计",
  ],
  "protocol.expression.name_unknown": [
    computed("size >= 3"),
    'criteria.5.computed: "size >= 3": at position 1: "size" is not known; write one of sex, age_years, t_stage, surgery_date, short_axis_mm, mri_date, and an option in double quotes',
    "criteria.5.computed：“size >= 3”：第 1 个字符：无法识别“size”；请填写以下之一：sex, age_years, t_stage, surgery_date, short_axis_mm, mri_date，选项请加双引号",
  ],
};

/** Refused as well, with sentences that are looked at in `expression.test.ts` and in the tests of regimens. */
const refusedToo: Record<string, Change[]> = {
  "protocol.expression.text": [["baseline.items.4", { ...item, type: "text" }], computed('x = "a"')],
  "protocol.expression.no_unit": [["baseline.items.4", { ...item, type: "number" }], computed("short_axis_mm > x")],
  "errors.regimen.weights": [
    ["network", { ...parse(readFileSync("protocols/image-set.yaml", "utf8")).network, weights: "random" }],
  ],
  "errors.regimen.frozen": [["network", network({ frozenUnit: "blocks", frozen: 90 })]],
  "errors.regimen.patience": [["network", network({ tuningFraction: 0, patience: 2 })]],
  "errors.regimen.operating_point": [["network", network({ tuningFraction: 0, operatingPoint: "youden" })]],
  "errors.regimen.micro_batch_most": [["network", network({ microBatch: 256 })]],
  "errors.regimen.micro_batch_whole": [["network", network({ microBatch: 5 })]],
  "errors.regimen.head_first": [["network", network({ headFirstEpochs: 100_000 })]],
};

const problemsOf = (changes: Change[]): Said[] => readNewProtocol(changed(...changes)).problems ?? [];
const everyExample = [...Object.values(refused).map(([change]) => [change]), ...Object.values(refusedToo)];

/** Every message that a problem is made of. */
const keysOf = ({ key, values = {} }: Said): string[] => [
  key,
  ...Object.values(values).flatMap((value) => (typeof value === "object" ? keysOf(value) : [])),
];
const leaves = (part: object, path: string): string[] =>
  Object.entries(part).flatMap(([name, inner]) =>
    typeof inner === "object" ? leaves(inner, `${path}.${name}`) : [`${path}.${name}`],
  );

describe("a protocol is refused in English and in Chinese", () => {
  it.each(Object.entries(refused))("%s", (key, [change, en, zh]) => {
    const problem = problemsOf([change]).find((each) => keysOf(each).includes(key));
    expect(problem && [sayIn("en")(problem), sayIn("zh")(problem)]).toEqual([en, zh]);
  });

  it.each(Object.entries(refusedToo))("%s, too", (key, changes) => {
    const problem = problemsOf(changes).find((each) => keysOf(each).includes(key));
    expect(problem && sayIn("en")(problem)).toMatch(/^[a-z.0-9]+: .*[a-z]/);
    expect(problem && sayIn("zh")(problem)).toMatch(/^[a-z.0-9]+：.*\p{Script=Han}.*[；。]/u);
  });

  it("by one of these examples for every sentence that there is about a protocol", () => {
    const said = new Set(everyExample.flatMap(problemsOf).flatMap(keysOf));
    const { yaml: _, ...aboutProtocols } = words.en.protocol;
    const all = [...leaves(aboutProtocols, "protocol"), ...leaves(words.en.errors.regimen, "errors.regimen")];
    expect(all.filter((key) => !said.has(key))).toEqual([]);
  });

  it("where it plans calls by a rule set and asks for no criteria, whatever the rule set needs; control: planned as given it is not", () => {
    const always = { key: "always", title: "Every node", source: "None" };
    const form: Change = ["form", { criteria: [], confidence: { min: 0, max: 100 } }];
    const sets: Change = ["ruleSets", [{ ...always, sizeHidden: { criteria: 0 }, sizeShown: [{ criteria: 0 }] }]];
    expect(problemsOf([form, sets, ["analysis.ruleSet", "always"]]).flatMap(keysOf)).toContain(
      "protocol.criteria_many",
    );
    expect(problemsOf([form, sets, ["analysis.ruleSet", undefined]])).toEqual([]);
  });

  it("for a design that would show more of a case before less of it; control: sequential, said or not, is taken", () => {
    const same: Change = ["conditions.1.shows", []];
    for (const design of ["crossover", "random-blocks"]) {
      expect(problemsOf([["reading.design", design]]).flatMap(keysOf)).toContain("protocol.design_shows");
      expect(problemsOf([["reading.design", design], same]).flatMap(keysOf)).toContain("protocol.design_undrawn");
    }
    expect(problemsOf([["reading.design", "sequential"]])).toEqual([]);
    expect(problemsOf([])).toEqual([]);
  });

  it("and by none of the sentences of forms, which say neither value nor remedy", () => {
    const all = everyExample.flatMap(problemsOf);
    expect(all.flatMap(keysOf).filter((key) => key.startsWith("fields."))).toEqual([]);
  });
});
