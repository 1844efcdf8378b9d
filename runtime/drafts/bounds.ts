/**
 * What may be staged in a draft now: its limits, its one provider, and nothing while it is applied.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import { CHANGES_LIMIT } from "../provider/mod.ts";
import type { Life } from "./life.ts";
import type { Overlay } from "./overlay.ts";
import { DRAFT_LIMIT, FILE_LIMIT, JOURNAL_LIMIT } from "./staged.ts";

/** A draft, as far as its limits go. */
export interface Bounded {
  /** Where it stands. */
  readonly life: Life;
  /** What is staged. */
  readonly overlay: Overlay;
  /** Where its records are. */
  readonly journal: { readonly size: number };
}

/** Says whether anything may be staged now. @throws {OmnifsError} `busy` while a draft is applied, or is `partial` */
export function mayChange({ name, state }: Life): void {
  if (state === "open") return;
  const mend = state === "partial"
    ? `omnifs draft apply --resume ${name}, or omnifs draft apply --rollback ${name}`
    : "wait until the apply has ended";
  throw new OmnifsError("busy", `the draft ${name} is ${state}: nothing can be staged`, { mend });
}

/**
 * Says whether `bytes` in `pieces` more may be staged for `mount`.
 *
 * @throws {OmnifsError} `unsupported` for a second provider; `busy` while it is applied; `too-large` past a limit
 */
export function mayStage(
  { life, overlay, journal }: Bounded,
  mount: string,
  bytes: number,
  pieces: number,
): void {
  mayChange(life);
  if (life.mount !== undefined && life.mount !== mount) {
    throw new OmnifsError("unsupported", `the draft ${life.name} belongs to ${life.mount}, not to ${mount}`, {
      mend: `one draft belongs to one provider: omnifs draft new another`,
    });
  }
  if (overlay.pieces + pieces > CHANGES_LIMIT) {
    throw new OmnifsError(
      "too-large",
      `the draft ${life.name} holds ${CHANGES_LIMIT} changes, the most it may`,
      { mend: `omnifs draft apply ${life.name}, then go on in another one` },
    );
  }
  within(bytes, FILE_LIMIT, "a staged file");
  within(overlay.bytes + bytes, DRAFT_LIMIT, "a draft");
  within(journal.size, JOURNAL_LIMIT, "the journal of a draft");
}

/** Says whether what is staged as `key` may have `size` bytes. @throws {OmnifsError} as {@linkcode mayStage} */
export function mayHold({ life, overlay, journal }: Bounded, key: string, size: number): void {
  mayChange(life);
  const held = overlay.get(key);
  const now = held === undefined || held.kind === "remove" ? 0 : held.content.length;
  within(size, FILE_LIMIT, "a staged file");
  within(overlay.bytes + size - now, DRAFT_LIMIT, "a draft");
  within(journal.size, JOURNAL_LIMIT, "the journal of a draft");
}

/** What to do where a limit is reached. */
const MENDS = {
  "a staged file": "change it upstream by another way, without a draft",
  "a draft": "omnifs draft apply, then go on in another one",
  "the journal of a draft": "omnifs draft apply, then go on in another one",
} as const;

function within(size: number, limit: number, what: keyof typeof MENDS): void {
  if (size <= limit) return;
  throw new OmnifsError("too-large", `${what} holds at most ${limit} bytes`, {
    op: "draft",
    mend: MENDS[what],
  });
}
