/**
 * Where a draft stands, by its journal's records: whose it is, and how far its apply has come.
 *
 * @module
 */
import { Attempt } from "./attempt.ts";
import type { DraftRecord } from "./records.ts";

/**
 * Where a draft stands: `open` for writing; `applying` while somebody works on it; `partial` where some steps of an
 * apply stand upstream, or may, and nobody works on it; `ended` when it was applied or discarded.
 */
export type DraftState = "open" | "applying" | "partial" | "ended";

/** A terminal session. */
export interface Session {
  /** Its id: the process id of its leader. */
  readonly id: number;
  /** What tells its leader from every later process of the same id; undefined where it had none any more. */
  readonly leader: string | undefined;
}

/** The state that a draft is in after a record, where that changes it. */
const STATES: Readonly<Partial<Record<DraftRecord["type"], DraftState>>> = {
  applying: "applying",
  resumed: "applying",
  reopened: "open",
  stopped: "partial",
  applied: "ended",
  discarded: "ended",
};

/** Records by which something is staged. */
const STAGING: ReadonlySet<DraftRecord["type"]> = new Set<DraftRecord["type"]>(
  ["write", "create", "remove", "bytes", "resized"],
);

/** The life of one draft. */
export class Life {
  /** Its name; empty before its first record. */
  name = "";
  /** The terminal session that it belongs to, where it does. */
  session: Session | undefined;
  /** The provider that it belongs to; none until something is staged. */
  mount: string | undefined;
  /** When it was made, in milliseconds since the Unix epoch. */
  created = 0;
  /** When something was last staged in it. */
  touched = 0;
  /** Where it stands. */
  state: DraftState = "open";
  /** The apply that is under way or has stopped. */
  attempt: Attempt | undefined;
  /** True where its apply was cut off by the end of its process, and nobody has looked at it since. */
  interrupted = false;

  /** Takes one record in. */
  apply(record: DraftRecord, time: number): void {
    this.attempt?.apply(record);
    this.state = STATES[record.type] ?? this.state;
    if (STAGING.has(record.type)) this.touched = time;
    switch (record.type) {
      case "created":
        this.name = record.name;
        if (record.session !== undefined) this.session = { id: record.session, leader: record.leader };
        this.created = this.touched = time;
        return;
      case "kept":
        this.session = undefined;
        return;
      case "bound":
        this.mount = record.mount;
        return;
      case "applying":
        this.attempt = new Attempt(record.attempt, record.by);
        return;
      case "resumed":
      case "discarded":
        this.interrupted = false;
        return;
      case "reopened":
        this.attempt = undefined;
    }
  }

  /** Whoever worked on it is gone with the process. */
  orphan(): void {
    if (this.state !== "applying") return;
    this.interrupted = true;
    this.state = "partial";
  }

  /** Nobody works on its apply any more, for `reason`. */
  abandon(reason: string): void {
    if (this.state !== "applying") return;
    this.state = "partial";
    if (this.attempt !== undefined) this.attempt.reason = reason;
  }
}
