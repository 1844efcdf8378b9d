/**
 * What holds of one file: its length, its parts, its bytes.
 *
 * @module
 */
import { interfaceName } from "../contract.ts";
import type { Node } from "../node.ts";
import type { Provider } from "../provider.ts";
import { bytesDifference, isImmutable } from "./nodes.ts";
import { isOutside } from "./report.ts";
import { compare, first, type Run, second, type Visit } from "./run.ts";
import { checkText } from "./text.ts";

/** Looks at a file; `thorough` where its errors are looked at too. */
export async function checkFile(run: Run, visit: Visit, thorough: boolean): Promise<void> {
  const { path, node } = visit;
  run.report.check("list-first", path, !node.listFirst, "no file to be list-first", () => "this one");
  if (thorough) await checkNoChildren(run, visit);
  switch (node.content.tag) {
    case "inline":
      run.bytesRead += node.content.bytes.length;
      return checkText(run.report, path, node.content.bytes);
    case "ask":
      return await checkAsked(run, visit);
    case "upstream":
      return await checkUpstream(run, visit, node.content);
  }
}

/** A file has no children. */
async function checkNoChildren(run: Run, { path, node }: Visit): Promise<void> {
  const asks = {
    "list-children": first(run, (each) => each.listChildren(node.id, undefined, run.signal)),
    "lookup-child": first(run, (each) => each.lookupChild(node.id, "below", run.signal)),
  };
  for (const [op, ask] of Object.entries(asks)) {
    const outcome = await ask();
    if (!outcome.ok && isOutside(outcome.error)) continue;
    const holds = !outcome.ok && outcome.error.kind === "not-a-directory";
    const got = () => outcome.ok ? "an answer" : `${outcome.error.kind}: ${outcome.error.message}`;
    run.report.check("errors", path, holds, `not-a-directory from ${op}`, got);
  }
}

async function checkAsked(run: Run, visit: Visit): Promise<void> {
  const { node, path } = visit;
  const most = run.budget.bytes;
  const long = node.size !== undefined && node.size > most;
  const whole = await read(run, visit, 0, long ? most : Math.max(most, node.size ?? 0));
  if (whole === undefined) return;
  run.bytesRead += whole.length;
  checkText(run.report, path, whole);
  // What is not kept is read whole, once, and told with the length that it then has.
  if (node.freshness.tag === "volatile") return;
  if (!long) checkSize(run, visit, whole.length);
  run.later.push(() => checkAgain(run, visit, whole));
  await checkParts(run, visit, whole, long ? node.size ?? 0 : whole.length);
}

function checkSize({ report }: Run, { path, node }: Visit, length: number): void {
  if (node.size === undefined) return;
  report.check(
    "sizes",
    path,
    node.size === length,
    `${node.size} bytes, as the node says`,
    () => `${length}`,
  );
}

async function checkAgain(run: Run, { path, node }: Visit, whole: Uint8Array): Promise<void> {
  const lasting = isImmutable(node);
  const ask = (provider: Provider) => provider.readFile(node.id, 0, whole.length + 1, run.signal);
  const cut = (bytes: Uint8Array) => bytes.subarray(0, whole.length);
  await compare(run, lasting ? "immutable" : "stable", path, "the same bytes", {
    told: whole,
    one: first(run, ask),
    two: second(run, ask),
    differ: (a, b) => bytesDifference(cut(a), cut(b)),
    lasting,
  });
}

/** The second half, one byte in the middle, and what is past the end. */
async function checkParts(run: Run, { path, node }: Visit, known: Uint8Array, end: number): Promise<void> {
  const half = Math.floor(known.length / 2);
  const parts = [[half, known.length - half], [half, 1], [end, 16]] as const;
  for (const [offset, length] of parts) {
    if (length === 0) continue;
    const ask = (provider: Provider) => provider.readFile(node.id, offset, length, run.signal);
    const expected = offset === end
      ? "nothing past the end"
      : `${length} bytes from ${offset} as the whole has them`;
    await compare(run, "parts", path, expected, {
      told: offset === end ? new Uint8Array() : known.subarray(offset, offset + length),
      one: async () => {
        const whole = await first(run, (each) => each.readFile(node.id, 0, known.length, run.signal))();
        const part = offset === end ? [0, 0] as const : [offset, offset + length] as const;
        return whole.ok ? { ...whole, value: whole.value.subarray(...part) } : whole;
      },
      two: first(run, ask),
      differ: bytesDifference,
    });
  }
}

async function read(run: Run, { path, node }: Visit, offset: number, length: number) {
  const outcome = await first(run, (each) => each.readFile(node.id, offset, length, run.signal))();
  if (outcome.ok) return outcome.value;
  run.report.failed(path, "read-file", outcome.error);
  return undefined;
}

/** A body that the host fetches: its length by HEAD, by the node and by its bytes. */
async function checkUpstream(
  run: Run,
  visit: Visit,
  content: Node["content"] & { tag: "upstream" },
): Promise<void> {
  const { report, signal, budget } = run;
  const { path, node } = visit;
  const imports = run.subject.first.imports.includes(interfaceName("http"));
  const got = () => "it does not";
  if (!report.check("contract", path, imports, "a component that names a URL to import http", got)) return;
  const measured = await first(run, (each) => each.measure(content, signal))();
  if (!measured.ok) return report.failed(path, "HEAD", measured.error);
  const size = measured.value.size ?? node.size;
  if (measured.value.size !== undefined) checkSize(run, visit, measured.value.size);
  if (size !== undefined && size > budget.bytes) return;
  const whole = await first(run, (each) => each.download(content, undefined, signal))();
  if (!whole.ok) return report.failed(path, "GET", whole.error);
  run.bytesRead += whole.value.length;
  if (node.freshness.tag !== "volatile") checkSize(run, visit, whole.value.length);
}
