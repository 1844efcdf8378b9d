/**
 * Transcripts: what a person types, and what omnifs prints, as files that are run. A file begins with lines of `#` that
 * say what it shows, and `% scene NAME` where it needs one; then come steps:
 *
 *     $ omnifs cat /hello/nope
 *     ! omnifs: what is printed on standard error
 *     [1]
 *
 * A code that is not 0 stands in brackets. What differs from run to run is masked. `OMNIFS_TRANSCRIPTS=write` writes the
 * files anew, to be looked at.
 *
 * @module
 */
import { type Ran, sh } from "../support/command.ts";
import { ROOT } from "../support/mount.ts";
import { DEADLINE, omnifsCommand, type Place } from "./fixture.ts";

/** One file. */
export interface Transcript {
  /** What it shows. */
  readonly about: readonly string[];
  /** The scene that it needs. */
  readonly scene: string;
  /** What is typed, and what comes of it. */
  readonly steps: readonly Step[];
}

/** One step. */
export interface Step {
  /** A line for `sh`. */
  readonly command: string;
  /** What comes of it, masked, as the file has it. */
  readonly said: readonly string[];
}

/** Reads the text of a file. */
export function readTranscript(text: string): Transcript {
  const lines = text.trimEnd().split("\n");
  const scene = lines.find((line) => line.startsWith("% scene "))?.slice("% scene ".length) ?? "plain";
  const first = lines.findIndex((line) => line.startsWith("$ "));
  const about = lines.slice(0, first).filter((line) => line.startsWith("# ")).map((line) => line.slice(2));
  const steps: { command: string; said: string[] }[] = [];
  for (const line of lines.slice(first)) {
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), said: [] });
    else steps.at(-1)?.said.push(line);
  }
  return { about, scene, steps };
}

/** The text of the file for `transcript`. */
export function writeTranscript({ about, scene, steps }: Transcript): string {
  const head = [...about.map((line) => `# ${line}`), ...(scene === "plain" ? [] : [`% scene ${scene}`])];
  return [...head, ...steps.flatMap(({ command, said }) => [`$ ${command}`, ...said]), ""].join("\n");
}

/** The commands of omnifs that a transcript runs, as its words begin: up to two after `omnifs`. */
export function commandsOf({ steps }: Transcript): string[] {
  return steps.flatMap(({ command }) =>
    [...command.matchAll(/(?:^|[|;&(] *|[A-Z]+=\S+ )omnifs ([a-z_]+(?: [a-z]+)?)/g)].map(([, words = ""]) =>
      words
    )
  );
}

/** Variables beside those of a place: nothing of this machine or its user is to be seen. */
const ENV = {
  LC_ALL: "C.UTF-8",
  TZ: "UTC",
  USER: "ada",
  OMNIFS_KEYRING: "none",
  OMNIFS_COMPLETION_TIMEOUT: "30000",
};

/** A shell in `here` that knows omnifs by its name. */
export async function shellIn(
  here: Place,
  more: Record<string, string> = {},
): Promise<(line: string) => Promise<Ran>> {
  const [program, words] = omnifsCommand([]);
  const bin = `${here.dir}/.bin`;
  await Deno.mkdir(bin, { recursive: true });
  const line = [program, ...words].map((word) => `'${word}'`).join(" ");
  await Deno.writeTextFile(`${bin}/omnifs`, `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
  // Says whether what comes is what a program can read.
  await Deno.writeTextFile(`${bin}/is-json`, `#!/bin/sh\nexec '${program}' eval '${IS_JSON}'\n`, {
    mode: 0o755,
  });
  const env = { ...here.env, ...ENV, ...more, PATH: `${bin}:${Deno.env.get("PATH") ?? ""}` };
  return (line) => sh(line, { env, cwd: here.dir, deadline: 2 * DEADLINE });
}

const IS_JSON = `
const text = await new Response(Deno.stdin.readable).text();
JSON.parse(text);
console.log("one JSON document");
`;

/** What `ran` came to, as a file has it. */
export function saidBy(ran: Ran, dir: string): string[] {
  const lines = (text: string) => text === "" ? [] : masked(text, dir).replace(/\n$/, "").split("\n");
  return [
    ...lines(ran.stdout),
    ...lines(ran.stderr).map((line) => `! ${line}`),
    ...(ran.code === 0 ? [] : [`[${ran.code}]`]),
  ].map((line) => line.trimEnd());
}

/** What differs from run to run, and what stands for it. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  // How omnifs is run from a checkout.
  [/(?:npx -y deno@[\d.]+|deno) task omnifs/g, "omnifs"],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "TIME"],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d\b/g, "TIME"],
  [/\b\d\d:\d\d:\d\d\b/g, "TIME"],
  [/\b1[7-9]\d{11}(?:\.\d+)?\b/g, "TIME"],
  [
    /"(milliseconds|uptimeMilliseconds|ino|pid|startedAt|time|created|touched|modified|since)": ?[\d.]+/g,
    '"$1": N',
  ],
  // What a build comes to depends on the tools that build.
  [/"bytes": \d{6,}/g, '"bytes": N'],
  [/\.wasm, [\d.]+ MiB/g, ".wasm, N MiB"],
  [/\bforgot \d+ nodes/g, "forgot N nodes"],
  [/\bomnifs \d+\.\d+\.\d+/g, "omnifs VERSION"],
  [/"omnifs": "\d+\.\d+\.\d+"/g, '"omnifs": "VERSION"'],
  [/\bomnifs-[\w\\.-]+\.service/g, "omnifs-UNIT.service"],
  [/\bpid \d+/g, "pid N"],
  [/\bprocess \d+/g, "process N"],
  [/\bup \d+ \w+(?: \d+ (?:s|min|h)\b)?/g, "up N s"],
  [/\b\d+(?:\.\d+)? ms\b/g, "N ms"],
  [/\b127\.0\.0\.1:\d+/g, "127.0.0.1:PORT"],
  [/\b[0-9a-f]{64}\b/g, "SHA256"],
  [/\b[0-9a-f]{16}\b/g, "ID"],
];

/** `text` without what differs from run to run. */
function masked(text: string, dir: string): string {
  const own: readonly (readonly [string, string])[] = [
    [dir, "~"],
    [ROOT.replace(/\/$/, ""), "CHECKOUT"],
    [`deno ${Deno.version.deno}`, "deno VERSION"],
    [JSON.stringify(Deno.version.deno), '"VERSION"'],
    [JSON.stringify(Deno.version.v8), '"VERSION"'],
    [Deno.build.target, "TARGET"],
  ];
  const plain = own.reduce((all, [found, mask]) => all.replaceAll(found, mask), text);
  return MASKS.reduce((all, [found, mask]) => all.replace(found, mask), plain);
}
