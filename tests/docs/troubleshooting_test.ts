/**
 * The page of messages against the sources: none of them is made up, and none is missing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ERRNO } from "../../fuse/mod.ts";
import { ERRNO_OF } from "../../runtime/vfs/errno.ts";
import { ROOT } from "../support/mount.ts";
import { messagesIn } from "./messages.ts";

/** Fewest letters that tell a message from others: `…: …` cannot be looked up. */
const LETTERS = 8;

async function sources(folder: string): Promise<{ file: string; source: string }[]> {
  const found = await Promise.all(
    (await Array.fromAsync(Deno.readDir(join(ROOT, folder)))).map(async ({ name, isDirectory }) => {
      const file = `${folder}/${name}`;
      if (isDirectory) return await sources(file);
      return name.endsWith(".ts") ? [{ file, source: await Deno.readTextFile(join(ROOT, file)) }] : [];
    }),
  );
  return found.flat();
}

const code = [...await sources("runtime"), ...await sources("fuse")];
const page = await Deno.readTextFile(join(ROOT, "docs", "troubleshooting.md"));

/** The messages in the first column of the page's tables, but of what other programs say. */
const documented = [...page.slice(page.indexOf("## Mounting")).matchAll(/^\| `([^`]+)` \|/gm)].map((
  [, text = ""],
) => text);

/** True where some source holds the parts of `message`, in order and close together. */
function isInSources(message: string): boolean {
  const parts = message.split("…").map((part) => part.trim().replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  const pattern = new RegExp(parts.filter((part) => part !== "").join("[^\\n]{0,80}"));
  return code.some(({ source }) => pattern.test(source));
}

Deno.test("every message of the page is one that omnifs has", () => {
  assert.ok(documented.length > 90);
  assert.deepEqual(documented.filter((message) => !isInSources(message)), []);
  assert.deepEqual(documented.filter((message, index) => documented.indexOf(message) !== index), []);
  assert.equal(isInSources("no omnifs is walking"), false);
});

Deno.test("every error that says what mends it is on the page", () => {
  const messages = code.flatMap(({ file, source }) => messagesIn(file, source));
  const long = messages.filter(({ text }) => text.replaceAll(/[^a-z]/gi, "").length >= LETTERS);
  assert.ok(long.length > 90);
  const missing = long.filter(({ text }) => !documented.includes(text));
  assert.deepEqual(missing, [], "each of these needs a row in docs/troubleshooting.md");
});

Deno.test("every errno that a reader may get is on the page", () => {
  const names = Object.entries(ERRNO).filter(([, errno]) => Object.values(ERRNO_OF).includes(errno));
  for (const [name] of names) assert.ok(page.includes(`(${name})`), name);
});

Deno.test("a message is read from the source as it would be printed", () => {
  const source = [
    'new OmnifsError("denied", `${a(`b${c}`)} needs ${d}, (not) "granted"`, { mend: x });',
    'new OmnifsError("invalid", "it is \\"odd\\"", {',
    '  path, mend: "a, b" })',
    'new OmnifsError("invalid", "no advice", { path });',
    'new OmnifsError("invalid", message, { mend: "x" });',
    'new MountError("busy", `${dir}: is in use`, "leave it");',
    'new MountError("failed", `${dir}: failed`);',
  ].join("\n");
  assert.deepEqual(messagesIn("f", source).map(({ text }) => text), [
    '… needs …, (not) "granted"',
    'it is "odd"',
    "…: is in use",
  ]);
});
