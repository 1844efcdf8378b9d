/**
 * A disk on which something happens at one call: the process dies there, or the call fails.
 *
 * @module
 */
import { type Disk, type OpenFile, systemDisk } from "../../runtime/packer/disk.ts";

/** What happens at the call with the chosen number. */
export type Fate =
  /** The process is gone before it. */
  | "dies before"
  /** The process is gone after it. */
  | "dies after"
  /** Half of what is written is written, then the process is gone; like `dies before` for every other call. */
  | "dies within"
  /** The call fails, and the process lives on. */
  | "fails"
  /** The system ends the process before it (SIGKILL). */
  | "is killed";

/** The process is gone: nothing that it does from now on has an effect. */
class Dead extends Error {}

/** A disk that counts its calls and has a fate at one of them. */
export class MortalDisk implements Disk {
  /** Every call so far, such as `rename index.json`. */
  readonly calls: string[] = [];
  readonly #inner: Disk;
  readonly #at: number;
  readonly #fate: Fate;
  #armed = false;
  #dead = false;

  /** Has its fate at call number `at`, counted from 1 after {@linkcode arm}; 0 is never. */
  constructor(at = 0, fate: Fate = "dies before", inner: Disk = systemDisk) {
    this.#at = at;
    this.#fate = fate;
    this.#inner = inner;
  }

  /** Begins to count. */
  arm(): void {
    this.#armed = true;
  }

  /** True once the fate has come. */
  get met(): boolean {
    return this.#at > 0 && this.calls.length >= this.#at;
  }

  look(path: string) {
    return this.#call("look", path, () => this.#inner.look(path));
  }

  list(path: string) {
    return this.#call("list", path, () => this.#inner.list(path));
  }

  async open(path: string, opening: "new" | "read", mode?: number): Promise<OpenFile> {
    const file = await this.#call(`open ${opening}`, path, async () => {
      const opened = await this.#inner.open(path, opening, mode);
      // Whoever dies here never gets it.
      if (this.#dead) await opened.close();
      return opened;
    });
    return {
      write: (bytes) =>
        this.#call(
          "write",
          path,
          () => file.write(bytes),
          () => file.write(bytes.subarray(0, bytes.length >> 1)),
        ),
      read: (into, offset) => this.#call("read", path, () => file.read(into, offset)),
      facts: () => this.#call("facts", path, () => file.facts()),
      sync: () => this.#call("sync", path, () => file.sync()),
      // A dead process has no open files, so this one always happens.
      close: async () => {
        await file.close();
        await this.#call("close", path, () => Promise.resolve());
      },
    };
  }

  mkdir(path: string) {
    return this.#call("mkdir", path, () => this.#inner.mkdir(path));
  }

  rename(from: string, to: string) {
    return this.#call("rename", to, () => this.#inner.rename(from, to));
  }

  link(from: string, to: string) {
    return this.#call("link", to, () => this.#inner.link(from, to));
  }

  remove(path: string) {
    return this.#call("remove", path, () => this.#inner.remove(path));
  }

  chmod(path: string, mode: number) {
    return this.#call("chmod", path, () => this.#inner.chmod(path, mode));
  }

  async #call<Value>(
    what: string,
    path: string,
    act: () => Promise<Value>,
    half: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Value> {
    if (this.#dead) throw new Dead();
    if (!this.#armed) return await act();
    this.calls.push(`${what} ${path.slice(path.indexOf("/assets") + 1)}`);
    if (this.calls.length !== this.#at) return await act();
    if (this.#fate === "fails") throw new Deno.errors.PermissionDenied(`${what} was made to fail`);
    this.#dead = true;
    if (this.#fate === "is killed") Deno.kill(Deno.pid, "SIGKILL");
    if (this.#fate === "dies after") await act();
    if (this.#fate === "dies within") await half();
    throw new Dead();
  }
}
