import { readFileSync } from "node:fs";
import { sketchOf, viewsOf, registered } from "@/core/imaging/registration";
const sets = JSON.parse(readFileSync("/tmp/worker/reg/sets.json", "utf8"));
const sk = (s: any) => ({ id: s.id, kind: s.kind, s: sketchOf(Buffer.from(s.thumbnail, "base64")) });
let t0 = process.cpuUsage(); const sec = () => { const c = process.cpuUsage(t0); return ((c.user + c.system) / 1e6).toFixed(2); };
const A = sets.originals.map(sk), V = sets.variants.map(sk); console.log("prep", A.length + V.length, sec());
const at = new Map(A.map((a: any) => [a.id, a])); const kinds = new Map<string, number>();
t0 = process.cpuUsage();
for (const v of V) { const o: any = at.get(v.id); kinds.set(v.kind, (kinds.get(v.kind) ?? 0) + (registered(viewsOf(o.s), v.s) !== undefined ? 1 : 0)); }
console.log(JSON.stringify([...kinds]), sec());
t0 = process.cpuUsage(); const w0 = performance.now(); let f = 0, n = 0; const M = Number(process.env.M ?? 1000); const S = A.slice().filter((_: any, i: number) => (i * M) % A.length < M);
for (let i = 0; i < S.length; i++) { const views = viewsOf(S[i].s); for (let j = i + 1; j < S.length; j++) { n++; if (registered(views, S[j].s) !== undefined) { f++; } } }
console.log("images", S.length, "pairs", n, "found", f, "cpu s", sec(), "wall", ((performance.now() - w0) / 1000).toFixed(1));
