/**
 * What the user answered with "always": `grants.json` in the state folder. An answer is for one target and for those
 * providers, with those credentials, that asked for it then; whoever else asks is a new question.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { WantedNeed } from "../control/options.ts";
import { type Environment, stateDir } from "../control/places.ts";

/** Who asked for a target, and what would be sent there. */
export type Want = Pick<WantedNeed, "provider" | "source"> & {
  /** The name of a credential; null for none. */
  readonly credential: string | null;
};

/** One remembered answer. */
export interface Remembered {
  /** As `--allow-net` has it. */
  readonly target: string;
  /** Who asked. */
  readonly wants: readonly Want[];
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
}

/** Where answers are kept. */
export function grantsPath(environment: Environment): string {
  return `${stateDir(environment)}/grants.json`;
}

/**
 * Every remembered answer, by target.
 *
 * @throws {OmnifsError} `denied` where somebody else could have written them, `invalid` where they cannot be read
 */
export async function readRemembered(environment: Environment): Promise<readonly Remembered[]> {
  const path = grantsPath(environment);
  try {
    const { uid, mode } = await Deno.lstat(path);
    if (uid !== Deno.uid() || ((mode ?? 0) & 0o077) !== 0) {
      const mend = `rm ${path}`;
      throw new OmnifsError("denied", "it is not this user's alone, so nothing in it counts", { path, mend });
    }
    return entriesOf(await Deno.readTextFile(path), path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Keeps `answers` beside those from before; an answer about the same target takes the place of the old one. */
export async function remember(environment: Environment, answers: readonly Remembered[]): Promise<void> {
  const targets = new Set(answers.map(({ target }) => target));
  const before = (await readRemembered(environment)).filter(({ target }) => !targets.has(target));
  await write(environment, [...before, ...answers]);
}

/** Forgets the answers about `targets`, and tells how many there were. */
export async function forgetRemembered(
  environment: Environment,
  targets: readonly string[],
): Promise<number> {
  const before = await readRemembered(environment);
  const after = before.filter(({ target }) => !targets.includes(target));
  if (after.length < before.length) await write(environment, after);
  return before.length - after.length;
}

/** True where `answer` was about `target` and everybody in `wants`. */
export function covers(answer: Remembered, target: string, wants: readonly Want[]): boolean {
  return answer.target === target && wants.every((want) => answer.wants.some((known) => same(known, want)));
}

function same(a: Want, b: Want): boolean {
  return a.provider === b.provider && a.source === b.source && a.credential === b.credential;
}

/** Whole or not at all, and for this user only. */
async function write(environment: Environment, grants: readonly Remembered[]): Promise<void> {
  const path = grantsPath(environment);
  await Deno.mkdir(stateDir(environment), { recursive: true, mode: 0o700 });
  const sorted = grants.toSorted((a, b) => a.target < b.target ? -1 : 1);
  const next = await Deno.makeTempFile({ dir: stateDir(environment), prefix: ".grants-" });
  await Deno.writeTextFile(next, JSON.stringify({ grants: sorted }, null, 2) + "\n");
  await Deno.rename(next, path);
}

function entriesOf(text: string, path: string): readonly Remembered[] {
  try {
    const { grants }: { grants: unknown } = JSON.parse(text);
    if (Array.isArray(grants) && grants.every(isRemembered)) return grants;
  } catch {
    // Told below.
  }
  throw new OmnifsError("invalid", "it does not hold remembered grants", { path, mend: `rm ${path}` });
}

function isRemembered(value: unknown): value is Remembered {
  if (typeof value !== "object" || value === null) return false;
  const { target, wants, since }: { target?: unknown; wants?: unknown; since?: unknown } = value;
  return typeof target === "string" && typeof since === "number" && Array.isArray(wants) &&
    wants.every(isWant);
}

function isWant(value: unknown): value is Want {
  if (typeof value !== "object" || value === null) return false;
  const want: { provider?: unknown; source?: unknown; credential?: unknown } = value;
  return typeof want.provider === "string" && typeof want.source === "string" &&
    (want.credential === null || typeof want.credential === "string");
}
