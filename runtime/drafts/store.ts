/**
 * The drafts of one mount point: a folder of journals.
 *
 * @module
 */
import type { Clock } from "../base/clock.ts";
import { messageOf, OmnifsError } from "../base/errors.ts";
import { meant } from "../base/nearest.ts";
import type { Log } from "../base/log.ts";
import { Draft } from "./draft.ts";
import { openJournal } from "./journal.ts";
import type { Session } from "./life.ts";

/** What a draft may be called: it is a directory of the tree and a file of the folder. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What the drafts of terminal sessions are called, and no others. */
const OF_SESSION = /^session-\d+(-\d+)?$/;

/** Most drafts at once. */
export const DRAFTS_LIMIT = 256;

const ENDING = ".jsonl";

/** The drafts that are there. */
export class DraftStore {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #drafts = new Map<string, Draft>();
  readonly #making = new Set<string>();

  private constructor(dir: string, clock: Clock) {
    this.#dir = dir;
    this.#clock = clock;
  }

  /**
   * Reads every draft in the folder `dir`, which is made where it is missing. One whose journal makes no sense is left
   * as it is, and the log says where.
   *
   * @throws {OmnifsError} `unavailable` where the folder cannot be used
   */
  static async open(dir: string, clock: Clock, log: Log): Promise<DraftStore> {
    const store = new DraftStore(dir, clock);
    try {
      await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
      for await (const { name, isFile } of Deno.readDir(dir)) {
        if (isFile && name.endsWith(ENDING)) await store.#load(name, log);
      }
    } catch (error) {
      await store.close();
      throw new OmnifsError("unavailable", `the drafts in ${dir} cannot be used: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return store;
  }

  /** Every draft, by name. */
  all(): Draft[] {
    return [...this.#drafts.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** The draft called `name`. */
  peek(name: string): Draft | undefined {
    return this.#drafts.get(name);
  }

  /** The draft called `name`. @throws {OmnifsError} `not-found` where there is none */
  get(name: string): Draft {
    const draft = this.#drafts.get(name);
    if (draft !== undefined) return draft;
    const names = this.all().map((each) => each.name);
    throw new OmnifsError("not-found", `there is no draft called ${name}${meant(name, names)}`, {
      mend: names.length === 0 ? `omnifs draft new ${name}` : `there are: ${names.join(", ")}`,
    });
  }

  /**
   * Makes a draft.
   *
   * @throws {OmnifsError} `invalid` for a name that cannot be one or is taken; `too-large` past the limit
   */
  async create(name: string, session?: Session): Promise<Draft> {
    if (!NAME.test(name) || (session === undefined && OF_SESSION.test(name))) {
      throw new OmnifsError("invalid", `a draft cannot be called ${JSON.stringify(name)}`, {
        mend: "use up to 64 letters, digits, dots, dashes and underscores, a letter or a digit first, " +
          "and leave session-N to terminal sessions",
      });
    }
    if (this.#drafts.has(name) || this.#making.has(name)) {
      throw new OmnifsError("invalid", `there is a draft called ${name} already`, {
        mend: `omnifs draft show ${name}, or take another name`,
      });
    }
    if (this.#drafts.size + this.#making.size >= DRAFTS_LIMIT) {
      throw new OmnifsError("too-large", `there are ${DRAFTS_LIMIT} drafts, the most there may be`, {
        mend: "omnifs draft discard NAME",
      });
    }
    this.#making.add(name);
    try {
      const { journal } = await openJournal(this.#path(name));
      const draft = new Draft(journal, [], this.#clock);
      await draft.record({ type: "created", name, ...ownedBy(session) });
      this.#drafts.set(name, draft);
      return draft;
    } finally {
      this.#making.delete(name);
    }
  }

  /** Takes away a draft that has ended. */
  async forget(draft: Draft): Promise<void> {
    const { name } = draft;
    // Its name is another draft's only when its journal is gone.
    this.#making.add(name);
    this.#drafts.delete(name);
    try {
      await draft.forget();
    } finally {
      this.#making.delete(name);
    }
  }

  /** Lets go of every journal. */
  async close(): Promise<void> {
    await Promise.all(this.all().map((draft) => draft.close()));
  }

  async #load(file: string, log: Log): Promise<void> {
    try {
      const { journal, records } = await openJournal(`${this.#dir}/${file}`);
      const draft = new Draft(journal, records, this.#clock);
      // It ended, or never began, just before its process did.
      if (draft.state === "ended" || draft.name === "") await draft.forget();
      else this.#drafts.set(draft.name, draft);
    } catch (error) {
      log.error(`the draft in ${file} cannot be read: ${messageOf(error)}`);
    }
  }

  #path(name: string): string {
    return `${this.#dir}/${name}${ENDING}`;
  }
}

function ownedBy(session: Session | undefined): { session?: number; leader?: string } {
  if (session === undefined) return {};
  const { id, leader } = session;
  return { session: id, ...(leader === undefined ? {} : { leader }) };
}
