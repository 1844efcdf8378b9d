/**
 * Where credentials come from: a helper, the environment, the store; the first that answers.
 *
 * A provider chooses the name of its credential, so a name alone must never be reason enough to send something: a
 * hostile manifest would ask for `AWS_SECRET_ACCESS_KEY`, for a host that was granted for other reasons. The rule:
 *
 * - A bundled provider gets the variables that its service is known for, see `SERVICES`, and no other.
 * - Any other provider gets nothing from the environment or a helper unless the user named this very credential for
 *   this very mount: `--credential MOUNT.NAME`, or `--credential MOUNT.NAME=COMMAND`.
 * - The store answers with what was stored for the same mount, name and target. What `omnifs auth login github` stored
 *   is also there for a bundled GitHub under another mount name, at the same target.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { askHelper } from "./credential_helper.ts";
import type { CredentialStore } from "./credential_store.ts";
import { SERVICES, type Wanted } from "./credentials.ts";
import type { ProgramHost } from "./program.ts";

/** Where a credential came from. */
export type SourceKind = "helper" | "environment" | "store";

/** A credential, or how to get one. */
export type Finding =
  | { readonly secret: string; readonly source: SourceKind }
  /** `why` is for people; `mend` is what to run or add. Neither holds a secret. */
  | { readonly why: string; readonly mend: string };

/** Finds credentials. */
export interface CredentialSource {
  /** Asks every source that `wanted` may be asked of. Never rejects. */
  find(wanted: Wanted): Promise<Finding>;
}

/** One `--credential [MOUNT.]NAME[=COMMAND]`. */
export interface CredentialChoice {
  /** The mount that gets it; every bundled provider that is known for it where it is missing. */
  readonly mount?: string;
  /** The credential's name, and that of its variable. */
  readonly name: string;
  /** The helper; the environment alone where it is missing. */
  readonly command?: string;
}

/** What sources are made of. */
export interface SourceParts extends ProgramHost {
  /** What the user chose. */
  readonly choices: readonly CredentialChoice[];
  /** The name of the bundled provider under a mount name; undefined where it is another's component. */
  readonly bundled: (mount: string) => string | undefined;
  /** The file store. */
  readonly store: Pick<CredentialStore, "find">;
  /** Gets the failures of helpers and of the store. */
  readonly log?: Log;
}

/** See the module's own words. */
export class CredentialSources implements CredentialSource {
  readonly #parts: SourceParts;

  /**
   * Sources by the user's choices.
   *
   * @throws {OmnifsError} `invalid` for a choice without a mount that no bundled provider is known for
   */
  constructor(parts: SourceParts) {
    this.#parts = parts;
    for (const { mount, name } of parts.choices) {
      if (mount === undefined && !isKnown(name)) throw unclear(name);
    }
  }

  /** See {@linkcode CredentialSource.find}. */
  async find(wanted: Wanted): Promise<Finding> {
    const own = this.#isOwn(wanted);
    const choice = this.#parts.choices.findLast(({ mount, name }) =>
      name === wanted.name && (mount === undefined ? own : mount === wanted.mount)
    );
    const asked: [SourceKind, () => Promise<string | undefined>][] = [
      ["helper", () => this.#helper(choice?.command, wanted)],
      ["environment", () => this.#variable(own || choice !== undefined, wanted.name)],
      ["store", () => this.#parts.store.find(wanted, own ? this.#parts.bundled(wanted.mount) : undefined)],
    ];
    let trouble: Finding | undefined;
    for (const [source, ask] of asked) {
      try {
        const secret = (await ask())?.trim();
        if (secret) return { secret, source };
      } catch (error) {
        trouble ??= this.#failed(wanted, error);
      }
    }
    return trouble ?? missing(wanted, own || choice !== undefined);
  }

  /** True where the provider is bundled and known for this credential. */
  #isOwn({ mount, name }: Wanted): boolean {
    const provider = this.#parts.bundled(mount);
    const service = provider !== undefined && Object.hasOwn(SERVICES, provider)
      ? SERVICES[provider]
      : undefined;
    return service?.credential === name || service?.webhook === name;
  }

  async #helper(command: string | undefined, { target }: Wanted): Promise<string | undefined> {
    return command === undefined ? undefined : await askHelper(this.#parts, command, target);
  }

  #variable(allowed: boolean, name: string): Promise<string | undefined> {
    return Promise.resolve(allowed ? this.#parts.environment(name) : undefined);
  }

  #failed({ mount, name }: Wanted, error: unknown): Finding {
    const mend = error instanceof OmnifsError ? error.mend : undefined;
    const why = messageOf(error);
    this.#parts.log?.warn("a source of a credential failed", { mount, credential: name, reason: why });
    return { why, mend: mend ?? "omnifs auth status" };
  }
}

/** True where a bundled provider is known for the credential `name`. */
function isKnown(name: string): boolean {
  return Object.values(SERVICES).some(({ credential, webhook }) => credential === name || webhook === name);
}

function missing({ mount, name, target }: Wanted, allowed: boolean): Finding {
  if (allowed) return { why: "not set", mend: `omnifs auth login ${mount}` };
  return {
    why: `not named for ${mount}`,
    mend:
      `--credential ${mount}.${name}, or omnifs auth login ${mount} --credential ${name} --host ${target}`,
  };
}

function unclear(name: string): OmnifsError {
  return new OmnifsError("invalid", `--credential ${name}: it does not say whose`, {
    mend: `--credential MOUNT.${name}, with the mount name of the provider that gets it`,
  });
}
