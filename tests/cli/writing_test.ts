/**
 * `docs/writing-a-provider.md` is true: its commands are run as they stand, one after the other, in one shell.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { RULE_NAMES, RULES } from "../../runtime/provider/conformance/rules.ts";
import { ensureBuilt } from "../support/build.ts";
import { has, run } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { ROOT } from "../support/mount.ts";
import { place } from "./fixture.ts";

const PAGE = await Deno.readTextFile(join(ROOT, "docs", "writing-a-provider.md"));

/** The port that the page's upstream listens on. */
const PORT = /\b8411\b/g;

/** Stands between the outputs of two blocks. */
const MARK = "=== the next block ===";

/** A part of the page in a fence, and the comment before it where there is one. */
interface Block {
  readonly kind: string;
  readonly text: string;
  readonly edit: { readonly file: string; readonly after: string } | undefined;
}

function blocksOf(page: string): Block[] {
  const fence = /(?:<!-- edit: (\S+), after (\S+) -->\n)?^```(\w+)\n([^]*?)^```$/gm;
  return [...page.matchAll(fence)].map(([, file, after, kind = "", text = ""]) => ({
    kind,
    text,
    edit: file === undefined || after === undefined ? undefined : { file, after },
  }));
}

/** What a person does with the blocks, as a script. Where one would wait for the upstream to listen, it waits. */
async function scriptOf(blocks: readonly Block[], dir: string, port: number): Promise<string> {
  const steps: string[] = ["set -e"];
  for (const [index, { kind, text, edit }] of blocks.entries()) {
    if (edit !== undefined) {
      const snippet = join(dir, `snippet-${index}`);
      await Deno.writeTextFile(snippet, text);
      steps.push(`grep -q '${edit.after}' ${edit.file}`, `sed -i '/${edit.after}/r ${snippet}' ${edit.file}`);
    } else if (kind === "sh") {
      steps.push(`echo '${MARK}'`, text.trim().replaceAll("~/omnifs", ROOT).replace(PORT, String(port)));
      if (/&$/m.test(text)) {
        steps.push(`until (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; do sleep 0.1; done`);
      }
    }
  }
  return steps.join("\n");
}

/** The outputs that the page shows: of which block, and the lines. */
function shown(blocks: readonly Block[]): { readonly block: number; readonly lines: readonly string[] }[] {
  let block = -1;
  return blocks.flatMap(({ kind, text }) => {
    if (kind === "sh") block++;
    return kind === "text" ? [{ block, lines: text.trimEnd().split("\n") }] : [];
  });
}

/** A folder with an `npx` that runs the Deno of this test, whichever version the page asks for. */
async function fakeNpx(dir: string): Promise<string> {
  const bin = join(dir, "bin");
  await Deno.mkdir(bin);
  const script =
    `#!/bin/sh\n[ "$1 $2" = "-y deno@2.9.6" ] || exit 64\nshift 2\nexec '${Deno.execPath()}' "$@"\n`;
  await Deno.writeTextFile(join(bin, "npx"), script, { mode: 0o755 });
  return bin;
}

/** A port that nobody listens on now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test({
  name: "every command of the page for provider authors does what the page says",
  ignore: !await fuseIsThere() || !await has("bash"),
  fn: async () => {
    await ensureBuilt();
    await using here = await place();
    const blocks = blocksOf(PAGE);
    const script = await scriptOf(blocks, here.dir, freePort());
    const path = `${await fakeNpx(here.dir)}:${Deno.env.get("PATH")}`;
    // What is left in the background would keep the output open.
    const ended = `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${script}`;
    const env = { ...here.env, PATH: path, NO_COLOR: "1" };
    const { code, stdout, stderr } = await run("bash", ["-c", ended], {
      cwd: here.dir,
      env,
      deadline: 420_000,
    });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const outputs = stdout.split(`${MARK}\n`).slice(1);
    const expected = shown(blocks);
    assert(expected.length >= 3, "the page shows outputs");
    for (const { block, lines } of expected) {
      for (const line of lines) {
        assert(outputs[block]?.includes(line), `${line}\nis not in\n${outputs[block]}`);
      }
    }
  },
});

Deno.test("the page tells every rule of the suite, in its own words", () => {
  const rows = RULE_NAMES.map((name) => {
    const { holds, level } = RULES[name];
    return `| \`${name}\` | ${holds}${level === "should" ? " (advice)" : ""} |`;
  });
  assert(PAGE.includes(rows.join("\n")), `docs/writing-a-provider.md should have:\n${rows.join("\n")}`);
});
