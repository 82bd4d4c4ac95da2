import {
  type DesignCase,
  type DesignInput,
  type DrawnList,
  dealtOut,
  drawList,
  nextBlock,
  rotated,
  seedOfPart,
} from "./design";
import { seededOrder } from "./order";

/**
 * Cases in blocks, the same for every reader. In a first pass each reader reads each block in one of the conditions, as many blocks in each as in any other; in
 * the next pass, after the wash-out, each block in the next condition. The order of the blocks in a pass is the reader's own.
 */
export function randomBlocks(input: DesignInput & { blockSize: number }): DrawnList[] {
  const { readers, conditions, seed, drawn = [] } = input;
  const blocks = blocksOf(input);
  return readers.flatMap((reader) => {
    const own = drawn.filter((list) => list.reader === reader);
    const lacked = [...blocks.keys()].filter((block) => !own.some((list) => list.block === block));
    const starts = dealtOut(lacked.map(String), beginnings(own, conditions), seedOfPart(seed, reader));
    const lists: DrawnList[] = [];
    for (const [pass] of conditions.entries())
      for (const block of seededOrder(lacked.map(String), seedOfPart(seed, reader, "pass", pass))) {
        const [condition = ""] = rotated(conditions, (starts.get(block) ?? 0) + pass);
        const cases = blocks.get(Number(block)) ?? [];
        lists.push(drawList(input, { reader, condition, block: Number(block), cases }));
      }
    return lists;
  });
}

/** The blocks that were drawn, and those that what came since is dealt into: of like sizes, none larger than asked for, images of one node apart as far as can be. */
function blocksOf(input: DesignInput & { blockSize: number }): Map<number, readonly DesignCase[]> {
  const { cases, blockSize, seed, drawn = [] } = input;
  const blocks = new Map(drawn.map((list) => [list.block, list.cases]));
  const had = new Set([...blocks.values()].flatMap((block) => block.map(({ id }) => id)));
  const late = new Map(cases.flatMap((each) => (had.has(each.id) ? [] : [[each.id, each] as const])));
  const first = nextBlock(input);
  const own = seedOfPart(seed, "blocks", first);
  const nodes = seededOrder([...new Set([...late.values()].map(({ node }) => node))], own);
  const rank = new Map(nodes.map((node, at) => [node, at]));
  const dealt = seededOrder([...late.keys()], own)
    .flatMap((id) => late.get(id) ?? [])
    .toSorted((a, b) => (rank.get(a.node) ?? 0) - (rank.get(b.node) ?? 0));
  const count = Math.ceil(late.size / blockSize);
  for (let at = 0; at < count; at++)
    blocks.set(
      first + at,
      dealt.filter((_, place) => place % count === at),
    );
  return blocks;
}

/** With how many blocks each condition began before. */
function beginnings(own: readonly DrawnList[], conditions: readonly string[]): number[] {
  const first = new Map<number, string>();
  for (const { block, condition } of own) if (!first.has(block)) first.set(block, condition);
  return conditions.map((condition) => [...first.values()].filter((each) => each === condition).length);
}
