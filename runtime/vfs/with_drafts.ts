/**
 * The live tree with the shadow trees of the drafts beside it, as the kernel sees both.
 *
 * @module
 */
import {
  type Answer,
  type Attributes,
  type Changes,
  type DirectorySink,
  type Entry,
  ERRNO,
  type Errno,
  type FileSystem,
  type Request,
  ROOT_ID,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  type Status,
  type Target,
  type VolumeStatus,
  W_OK,
} from "../../fuse/mod.ts";
import type { Clock } from "../base/clock.ts";
import { asOmnifsError } from "../base/errors.ts";
import type { Ownership } from "./attributes.ts";
import { errnoOfWrite } from "./errno.ts";
import {
  type DraftShadow,
  FIRST_NODEID,
  inoOf,
  type Shadow,
  type ShadowInode,
  ShadowTable,
} from "./shadow/nodes.ts";
import { Ground, type GroundParts, shadowPath } from "./shadow/ground.ts";
import { type ShadowTarget, Staging } from "./shadow/staging.ts";
import type { Troubles } from "./troubles.ts";

/** The directory of the drafts, and the link in it that leads each caller to the draft of their session. */
const DRAFTS = "_drafts";
const SESSION = "@session";

/** The kernel asks for everything in the shadow tree each time: it changes under every hand. */
const NOT_KEPT = 0;

/** Permissions: what may be staged is judged on each write. */
const DIRECTORY_MODE = S_IFDIR | 0o755;
const FILE_MODE = S_IFREG | 0o644;
const FIXED_MODE = S_IFREG | 0o444;
const LINK_MODE = S_IFLNK | 0o777;

/** What `stat` shows of a node, but for whose it is. */
interface Looked {
  readonly mode: number;
  readonly size: number;
  readonly modified: number | undefined;
  /** What its lines are; see {@linkcode ToldTime}. */
  readonly lines: string | undefined;
}

/** What the tree with its drafts is made of. */
export interface WithDraftsParts extends GroundParts {
  /** The time. */
  readonly clock: Clock;
  /** The live tree. */
  readonly live: FileSystem;
  /** Where failures are noted. */
  readonly troubles: Troubles;
  /** Whose the files are. */
  readonly ownership: Ownership;
  /** The terminal session of a thread; undefined where it cannot be told. */
  readonly sessionOf: (pid: number) => number | undefined;
}

/** Answers the kernel for a mount with drafts. */
export class FileSystemWithDrafts implements FileSystem {
  /** See {@linkcode Changes}: the live tree answers EROFS to each. */
  readonly changes: Changes;
  readonly #parts: WithDraftsParts;
  readonly #table = new ShadowTable();
  readonly #ground: Ground;
  readonly #staging: Staging;

  /** The live tree of `parts`, and its drafts. */
  constructor(parts: WithDraftsParts) {
    this.#parts = parts;
    this.#ground = new Ground(parts);
    this.#staging = new Staging(parts.drafts, this.#ground);
    this.changes = this.#changes();
  }

  /** See {@linkcode FileSystem.lookup}. */
  lookup(parent: number, name: string, request: Request): Answer<Entry> {
    if (parent === ROOT_ID && name === DRAFTS) return this.#entry({ kind: "top" });
    if (parent < FIRST_NODEID) return this.#parts.live.lookup(parent, name, request);
    return this.#tried("lookup", parent, name, (shadow) => this.#find(shadow, name, request));
  }

  /** See {@linkcode FileSystem.forget}. */
  forget(nodeid: number, count: number): void {
    if (nodeid < FIRST_NODEID) this.#parts.live.forget(nodeid, count);
    else this.#table.forget(nodeid, count);
  }

  /** See {@linkcode FileSystem.getattr}. */
  getattr(nodeid: number, request: Request): Answer<Status> {
    if (nodeid < FIRST_NODEID) return this.#parts.live.getattr(nodeid, request);
    return this.#tried("stat", nodeid, "", (_, inode) => this.#status(inode, request.signal));
  }

  /** See {@linkcode FileSystem.readlink}. */
  readlink(nodeid: number, request: Request): Answer<{ readonly target: string }> {
    if (nodeid < FIRST_NODEID) return ERRNO.EINVAL;
    return this.#tried("readlink", nodeid, "", async (shadow) => {
      if (shadow.kind !== "session") return ERRNO.EINVAL;
      const session = this.#parts.sessionOf(request.pid);
      if (session === undefined) return ERRNO.ENOENT;
      return { target: (await this.#parts.drafts.sessions.of(session)).name };
    });
  }

  /** See {@linkcode FileSystem.read}. */
  read(nodeid: number, offset: number, size: number, request: Request): Answer<Uint8Array> {
    if (nodeid < FIRST_NODEID) return this.#parts.live.read(nodeid, offset, size, request);
    return this.#tried("read", nodeid, "", async (shadow) => {
      return isDrafts(shadow) ? await this.#ground.read(shadow, offset, size, request.signal) : ERRNO.EISDIR;
    });
  }

  /** See {@linkcode FileSystem.readdir}. */
  readdir(nodeid: number, cookie: number, sink: DirectorySink, request: Request): Answer<Errno> {
    if (nodeid < FIRST_NODEID) return this.#parts.live.readdir(nodeid, cookie, sink, request);
    return this.#tried("list", nodeid, "", (_, inode) => this.#list(inode, cookie, sink, request.signal));
  }

  /** See {@linkcode FileSystem.statfs}. */
  statfs(nodeid: number, request: Request): Answer<VolumeStatus> {
    return this.#parts.live.statfs(nodeid < FIRST_NODEID ? nodeid : ROOT_ID, request);
  }

  /** See {@linkcode FileSystem.access}. */
  access(nodeid: number, mask: number, request: Request): Answer<Errno> {
    if (nodeid < FIRST_NODEID) return this.#parts.live.access(nodeid, mask, request);
    return this.#tried("access", nodeid, "", async (shadow) => {
      if ((mask & W_OK) === 0) return 0;
      if (!isDrafts(shadow)) return ERRNO.EROFS;
      const { directory, writable } = await this.#ground.state(shadow, request.signal);
      return directory || writable ? 0 : ERRNO.EPERM;
    });
  }

  /** See {@linkcode FileSystem.destroy}. */
  destroy(): void {
    this.#parts.live.destroy();
  }

  #changes(): Changes {
    const staging = this.#staging;
    const made = (directory: boolean) => (target: Target, request: Request) =>
      this.#at(target, "create", async (where) => {
        const shadow = await staging.make(where, directory, request.signal);
        return typeof shadow === "number" ? shadow : await this.#entryFor(shadow, request.signal);
      });
    const gone = (directory: boolean) => (target: Target, request: Request) =>
      this.#at(target, "remove", (where) => staging.remove(where, directory, request.signal));
    return {
      refusal: (nodeid) => nodeid < FIRST_NODEID ? ERRNO.EROFS : ERRNO.EOPNOTSUPP,
      setattr: (nodeid, change, request) =>
        this.#on(nodeid, "truncate", async (shadow, inode) => {
          const errno = await staging.resize(shadow, change, request.signal);
          return errno === 0 ? await this.#status(inode, request.signal) : errno;
        }),
      write: (nodeid, offset, data, request) =>
        this.#on(nodeid, "write", async (shadow) => {
          const errno = await staging.write(shadow, offset, data, request.signal);
          return errno === 0 ? { size: data.length } : errno;
        }),
      create: made(false),
      mkdir: made(true),
      unlink: gone(false),
      rmdir: gone(true),
      rename: (from, to, flags, request) =>
        this.#at(from, "rename", (source) => {
          const parent = this.#table.get(to.parent)?.shadow;
          if (parent === undefined || !isDrafts(parent)) return Promise.resolve(ERRNO.EROFS);
          return staging.rename(source, { parent, name: to.name }, flags, request.signal);
        }),
    };
  }

  /** Does `work` on a node of a draft; everything else takes no writes. */
  #on<Value>(
    nodeid: number,
    op: string,
    work: (shadow: DraftShadow, inode: ShadowInode) => Promise<Value | Errno>,
  ): Answer<Value> {
    if (nodeid < FIRST_NODEID) return ERRNO.EROFS;
    return this.#tried(
      op,
      nodeid,
      "",
      (shadow, inode) => isDrafts(shadow) ? work(shadow, inode) : Promise.resolve(ERRNO.EPERM),
    );
  }

  /** Does `work` on a name in a directory of a draft. */
  #at<Value>(
    { parent, name }: Target,
    op: string,
    work: (where: ShadowTarget) => Promise<Value | Errno>,
  ): Answer<Value> {
    if (parent < FIRST_NODEID) return ERRNO.EROFS;
    return this.#tried(op, parent, name, (shadow) => {
      return isDrafts(shadow) ? work({ parent: shadow, name }) : Promise.resolve(ERRNO.EPERM);
    });
  }

  async #find(parent: Shadow, name: string, request: Request): Promise<Entry | Errno> {
    if (parent.kind === "top") {
      if (name === SESSION) return this.#entry({ kind: "session" });
      return this.#parts.drafts.peek(name) === undefined
        ? ERRNO.ENOENT
        : this.#entry({ kind: "draft", draft: name });
    }
    if (!isDrafts(parent)) return ERRNO.ENOTDIR;
    const shadow = await this.#ground.child(parent, name, request.signal);
    return shadow === undefined ? ERRNO.ENOENT : await this.#entryFor(shadow, request.signal);
  }

  async #entryFor(shadow: DraftShadow, signal: AbortSignal): Promise<Entry> {
    return this.#counted(shadow, await this.#look(shadow, signal));
  }

  /** An entry for what is always there. */
  #entry(shadow: Shadow): Entry {
    return this.#counted(shadow, this.#fixed(shadow));
  }

  #counted(shadow: Shadow, looked: Looked): Entry {
    const inode = this.#table.enter(shadow);
    const [{ nodeid }, attributes] = [inode, this.#told(inode, looked)];
    return { nodeid, attributes, entryTimeout: NOT_KEPT, attributeTimeout: NOT_KEPT };
  }

  async #status(inode: ShadowInode, signal: AbortSignal): Promise<Status> {
    const { shadow } = inode;
    const looked = isDrafts(shadow) ? await this.#look(shadow, signal) : this.#fixed(shadow);
    return { attributes: this.#told(inode, looked), attributeTimeout: NOT_KEPT };
  }

  async #look(shadow: DraftShadow, signal: AbortSignal): Promise<Looked> {
    const { directory, size, modified, writable } = await this.#ground.state(shadow, signal);
    const mode = directory ? DIRECTORY_MODE : writable ? FILE_MODE : FIXED_MODE;
    return { mode, size, modified, lines: directory ? this.#ground.revision(shadow) : undefined };
  }

  #fixed(shadow: Shadow): Looked {
    const mode = shadow.kind === "session" ? LINK_MODE : DIRECTORY_MODE;
    return { mode, size: 0, modified: undefined, lines: this.#names() };
  }

  #told(inode: ShadowInode, { mode, size, modified, lines }: Looked): Attributes {
    const { uid, gid, since } = this.#parts.ownership;
    const directory = (mode & S_IFDIR) === S_IFDIR;
    const known = modified ?? since;
    const mtime = directory ? inode.time.tell({ modified: known, lines }, this.#parts.clock.now()) : known;
    return { ino: inode.ino, size, mtime, mode, nlink: directory ? 2 : 1, uid, gid };
  }

  async #list(inode: ShadowInode, cookie: number, sink: DirectorySink, signal: AbortSignal): Promise<Errno> {
    const { shadow, ino, time } = inode;
    if (shadow.kind === "top") return this.#listTop(inode, cookie, sink);
    if (!isDrafts(shadow)) return ERRNO.ENOTDIR;
    // `.` and `..` have offsets below those of every listing, whose generations begin at 1.
    const after = cookie <= DOTS ? 0 : cookie - DOTS;
    const below = await this.#ground.below(shadow, after, signal);
    time.give(this.#ground.revision(shadow, below));
    if (!dots(ino, cookie, sink)) return 0;
    for (const line of this.#ground.lines(shadow, below, after)) {
      const { name, directory } = line;
      const told = { name, directory, ino: inoOf(line.shadow), cookie: line.cookie + DOTS };
      if (!sink.add(told)) return 0;
    }
    return 0;
  }

  /** The lines of `/_drafts`, in one word: the names of the drafts, none of which holds a slash. */
  #names(): string {
    return this.#parts.drafts.all().map(({ name }) => name).join("/");
  }

  #listTop({ ino, time }: ShadowInode, cookie: number, sink: DirectorySink): Errno {
    time.give(this.#names());
    if (!dots(ino, cookie, sink)) return 0;
    const lines: { name: string; shadow: Shadow }[] = [
      { name: SESSION, shadow: { kind: "session" } },
      ...this.#parts.drafts.all().map(({ name }) => ({
        name,
        shadow: { kind: "draft", draft: name } as const,
      })),
    ];
    for (const [index, { name, shadow }] of lines.entries()) {
      const after = DOTS + index + 1;
      if (after <= cookie) continue;
      if (!sink.add({ name, ino: inoOf(shadow), directory: shadow.kind === "draft", cookie: after })) {
        return 0;
      }
    }
    return 0;
  }

  /** Does `work` on a node; a failure becomes its errno, and is noted with the path. */
  async #tried<Value>(
    op: string,
    nodeid: number,
    name: string,
    work: (shadow: Shadow, inode: ShadowInode) => Promise<Value | Errno>,
  ): Promise<Value | Errno> {
    const inode = this.#table.get(nodeid);
    if (inode === undefined) return ERRNO.ESTALE;
    const { shadow } = inode;
    try {
      return await work(shadow, inode);
    } catch (thrown) {
      const error = asOmnifsError(thrown, op);
      this.#parts.troubles.note(op, this.#pathOf(shadow, name), error);
      // ENOSYS would make the kernel stop asking for good.
      if (error.kind === "unsupported") return ERRNO.EPERM;
      // After EAGAIN a program would write again, and again.
      return error.kind === "busy" && CHANGING.has(op) ? ERRNO.EBUSY : errnoOfWrite(error);
    }
  }

  #pathOf(shadow: Shadow, name: string): string {
    try {
      return shadowPath(this.#ground, shadow, name);
    } catch {
      return `/${DRAFTS}`;
    }
  }
}

/** What is done to a draft, and not only read from it. */
const CHANGING: ReadonlySet<string> = new Set(["truncate", "write", "create", "remove", "rename"]);

/** The offset after `..`. */
const DOTS = 2;

/** Adds `.` and `..` where they are still to come; false where there is no room. */
function dots(ino: number, cookie: number, sink: DirectorySink): boolean {
  for (const [index, name] of [".", ".."].entries()) {
    if (index + 1 <= cookie) continue;
    if (!sink.add({ name, ino, directory: true, cookie: index + 1 })) return false;
  }
  return true;
}

function isDrafts(shadow: Shadow): shadow is DraftShadow {
  return "draft" in shadow;
}
