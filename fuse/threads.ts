/**
 * The threads of this process, as the kernel sees them.
 *
 * @module
 */
import { libc } from "./libc.ts";

const TASKS = "/proc/self/task";

/** One thread. */
export class Thread {
  readonly #id: number;

  /** The thread with the kernel's number `id` (gettid(2)). */
  constructor(id: number) {
    this.#id = id;
  }

  /** Milliseconds of processor time that it has had; undefined once it has ended. */
  computed(): number | undefined {
    const time = libc().threadTime(this.#id);
    return time === undefined ? undefined : Number(time) / 1e6;
  }

  /**
   * Has it, and what it starts from now on, give way to others: adds `by` to its nice value, up to 19. Only root may
   * take it back.
   *
   * @throws {Error} where it has ended
   */
  lower(by: number): void {
    libc().lowerPriority(this.#id, by);
  }
}

/**
 * Runs `start`, and answers what it came to with the threads that exist since, of those whose name `isNamed`. A thread
 * that others start meanwhile is among them, unless it has the name of one that was there before, as it has until it takes one of its own.
 *
 * @throws {Error} where `/proc` does not tell; whatever `start` throws
 */
export function threadsOf<Value>(
  start: () => Value,
  isNamed: (name: string) => boolean,
): { readonly value: Value; readonly threads: readonly Thread[] } {
  const before = namesById();
  const known = new Set(before.values());
  const value = start();
  const threads = [...namesById(before)]
    .filter(([, name]) => isNamed(name) && !known.has(name))
    .map(([id]) => new Thread(Number(id)));
  return { value, threads };
}

/** The name of each thread that is not among `others`, by its number. */
function namesById(others: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const ids = libc().readNames(TASKS).filter((id) => !others.has(id));
  return new Map(ids.flatMap((id) => {
    const name = nameOf(id);
    return name === undefined ? [] : [[id, name]];
  }));
}

/** Undefined for a thread that has just ended. */
function nameOf(id: string): string | undefined {
  try {
    return libc().readText(`${TASKS}/${id}/comm`).trim();
  } catch {
    return undefined;
  }
}
