/**
 * What a daemon is started with: plain data, so that the command line need not load the daemon to say it.
 *
 * @module
 */
import type { Level } from "../base/log.ts";
import type { Backend } from "./protocol.ts";

/** One provider that the user asked for by `--provider`. */
export interface ProviderChoice {
  /** Its name among the bundled ones, or the name to show. */
  readonly name: string;
  /** The absolute path of a component (`.wasm`); a bundled one where it is missing. */
  readonly source?: string;
  /** The first segment of its paths. */
  readonly mount: string;
}

/** One `--credential [MOUNT.]NAME[=COMMAND]`. */
export interface CredentialChoice {
  /** The mount that gets it; every bundled provider that is known for it where it is missing. */
  readonly mount?: string;
  /** The credential's name, and that of its variable. */
  readonly name: string;
  /** The helper that prints it; the environment alone where it is missing. */
  readonly command?: string;
}

/** Settings of the providers: mount name, then key, then value. */
export type Settings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One `--webhook-secret-file [MOUNT=]FILE`. */
export interface SecretFileChoice {
  /** The mount whose deliveries it is for; every mount's where it is missing. */
  readonly mount?: string;
  /** Its absolute path. */
  readonly path: string;
}

/** Where upstreams may deliver what happened. */
export interface WebhookOptions {
  /** An IP address, without brackets. */
  readonly hostname: string;
  /** A port; 0 for one that is free. */
  readonly port: number;
  /** Files with the secrets by which deliveries are signed. */
  readonly secretFiles: readonly SecretFileChoice[];
}

/** One `--workspace [NAME=]DIR`. */
export interface WorkspaceChoice {
  /** The project's name: the first segment of its paths in the packer's mount. */
  readonly name: string;
  /** The absolute path of the directory that holds `assets/`. */
  readonly path: string;
}
/** Every {@linkcode InotifyMode}. */
export const INOTIFY_MODES = ["auto", "always", "never"] as const;

/** Who is told of changes by inotify: those of whom `/proc` tells that they watch, whoever might watch, or nobody. */
export type InotifyMode = typeof INOTIFY_MODES[number];

/** Something that no flag says, but the configuration file or the environment. */
export interface SettingOrigin {
  /** What the file calls it, such as `allow-net`. */
  readonly key: string;
  /** The variable, or the file with line and column. */
  readonly from: string;
}

/** Everything that a daemon needs to know. */
export interface DaemonOptions {
  /** The absolute mount point, an existing directory; null for a tree without the kernel. */
  readonly dir: string | null;
  /** Which providers; `default` is every bundled one. */
  readonly providers: readonly ProviderChoice[] | "default";
  /** Scopes of `--allow-net`. */
  readonly allowNet: readonly string[] | "all" | "none";
  /** Scopes of `--deny-net`, which win. */
  readonly denyNet: readonly string[];
  /** Mounts whose drafts may be staged and applied. */
  readonly allowApply: readonly string[];
  /** Workspaces that it holds and shows; none where it is missing. */
  readonly workspaces?: readonly WorkspaceChoice[];
  /** Settings of the providers. */
  readonly settings: Settings;
  /** How many bytes the cache may hold; undefined for the daemon's own default. */
  readonly cacheBytes: number | undefined;
  /** True where other users may enter the mount (`allow_other`). */
  readonly allowOther: boolean;
  /** Who is told of changes by inotify; `auto` where it is missing. */
  readonly inotify?: InotifyMode;
  /** Where to listen for control; null for a daemon that lives inside one command. */
  readonly socketPath: string | null;
  /** The least urgent entries that the log keeps. */
  readonly logLevel: Level;
  /** Takes one line of the log, without its newline. */
  readonly logSink: (line: string) => void;
  /** An absolute folder for transpiled components; made where it is missing. */
  readonly cacheDir: string;
  /** Credentials that the user named, and the helpers that print them. */
  readonly credentials: readonly CredentialChoice[];
  /** The absolute folder of the credential store; null for a daemon that has none. */
  readonly credentialDir: string | null;
  /** The absolute folder of this mount point's drafts; null for a daemon that has none. */
  readonly draftDir: string | null;
  /** What was said by the configuration file or the environment, to be shown; nothing where it is missing. */
  readonly origins?: readonly SettingOrigin[];
  /** The webhook receiver; none where it is missing. */
  readonly webhook?: WebhookOptions;
  /**
   * Ends the daemon whose place this one takes, and resolves when nothing of it is left. Called once, as late as can be:
   * before anything is opened that one process alone may hold.
   */
  readonly takeOver?: () => Promise<void>;
  /** The environment, for credentials and for their helpers. */
  readonly environment: (name: string) => string | undefined;
}

/** A daemon that answers. */
export interface Daemon {
  /** What its control socket serves. */
  readonly backend: Backend;
  /** Resolves with the cause once it has ended, whoever ended it. */
  readonly done: Promise<string>;
  /** Unmounts, ends the workers and closes the socket; may be called again. */
  close(): Promise<void>;
}

/** What `runtime/daemon.ts` exports: resolves once the tree is mounted and answers. */
export type StartDaemon = (options: DaemonOptions) => Promise<Daemon>;

/** Something that a provider asks for and no flag grants. */
export interface WantedNeed {
  /** The provider's name. */
  readonly provider: string;
  /** Its mount name. */
  readonly mount: string;
  /** `bundled`, or `sha256:` and the digest of its component. */
  readonly source: string;
  /** What it would reach, as `--allow-net` has it. */
  readonly target: string;
  /** The provider's own reason. */
  readonly why: string;
  /** True where it also asks to change the upstream. */
  readonly write: boolean;
  /** The name of the credential that would be sent there; none where it is missing. */
  readonly credential?: string;
}

/** What `runtime/daemon.ts` exports too: what the providers of `options` would still ask for. */
export type WantedNeeds = (options: DaemonOptions) => Promise<readonly WantedNeed[]>;
