/**
 * What a newcomer does with the executable on a machine where nothing else is installed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startGitHub } from "../fakes/github/mod.ts";
import { flagsFor } from "../mounted/github_mount.ts";
import { bareRoot, whyNoBareRoot } from "./bare_root.ts";
import { compiled, whyNoMountOfExecutable } from "./executable.ts";

const ignore = await whyNoMountOfExecutable() !== undefined || await noBareRoot();

async function noBareRoot(): Promise<boolean> {
  const why = await whyNoBareRoot();
  if (why !== undefined) console.warn(`tests/compiled: ${why}`);
  return why !== undefined;
}

/** Each command with what it must print, of the last state of `$flags`. */
function transcript(flags: readonly string[], number: number): [command: string, prints: RegExp][] {
  const issue = `github/acme/api/_issues/_open/${number}`;
  return [
    ["ls /", /^bin\ndev\nlib\nlib64\nproc\nroot\ntmp\n$/],
    ["omnifs doctor", /ok +right to mount/],
    [
      `omnifs mount /root/omnifs ${flags.join(" ")} --allow-apply=github`,
      /^mounted on \/root\/omnifs: github\n/,
    ],
    [`cat /root/omnifs/${issue}/title`, /^The lamp burns by day\n$/],
    ["grep -rl fog /root/omnifs/github/acme/api/_issues/_open", /\/body\n/],
    ["omnifs draft new fix", /fix is there/],
    [`echo closed > /root/omnifs/_drafts/fix/${issue}/state && omnifs draft diff fix`, /-open\n\+closed\n/],
    ["omnifs draft apply fix", /^applied, 1 step/],
    [`cat /root/omnifs/github/acme/api/_issues/_closed/${number}/state`, /^closed\n$/],
    ["omnifs unmount /root/omnifs", /\/root\/omnifs is unmounted\n/],
    ["ls /root/omnifs", /^$/],
  ];
}

Deno.test({
  name: "mount, cat, grep, draft, apply and unmount work where nothing but the executable is installed",
  ignore,
  fn: async () => {
    await using executable = await compiled();
    await using root = await bareRoot(executable.path);
    const github = await startGitHub();
    try {
      const body = "The lamp burns, and the fog is thick.";
      const number = await github.createIssue("acme/api", { title: "The lamp burns by day", body });
      const steps = transcript(flagsFor(github), number);
      // What one command prints is told apart from the next by a line of its own.
      const script = steps.map(([command]) => `${command} 2>&1; echo "=== $?"`).join("\n");
      const { stdout, stderr } = await root.sh(script, { GITHUB_TOKEN: github.token });
      const answers = stdout.split(/^=== /m);
      for (const [index, [command, prints]] of steps.entries()) {
        const printed = (answers[index] ?? "").replace(/^\d+\n/, "");
        const code = /^\d+/.exec(answers[index + 1] ?? "")?.[0];
        assert.match(printed, prints, `${command}\n${stderr}`);
        assert.equal(code, "0", `${command}\n${printed}`);
      }
    } finally {
      await github.close();
    }
  },
});
