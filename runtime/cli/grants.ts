/**
 * The options that say which providers there are and what they may: the same for every command that builds a
 * tree.
 *
 * @module
 */
import { type Level, LEVELS } from "../base/log.ts";
import { nameFault } from "../base/path.ts";
import { LOG_LIMITS, RotatingFile } from "../base/rotating_file.ts";
import { cacheDir, credentialDir, draftDir, type Environment } from "../control/places.ts";
import {
  type CredentialChoice,
  type DaemonOptions,
  INOTIFY_MODES,
  type InotifyMode,
  type ProviderChoice,
  type WorkspaceChoice,
} from "../control/options.ts";
import {
  choice,
  type Context,
  flag,
  list,
  type OptionSpec,
  type PromptSpec,
  quote,
  text,
  UsageError,
} from "./command.ts";
import { absolute } from "./daemons.ts";
import { LOG_VARIABLE, READY_VARIABLE } from "./handshake.ts";
import { installedPath } from "./installed.ts";
import { parseSize } from "./units.ts";
import { WEBHOOK_OPTIONS, type WebhookValues } from "./webhook_options.ts";

/** One `--set MOUNT.KEY=VALUE`. */
export interface Setting {
  /** The mount name. */
  readonly mount: string;
  /** The key. */
  readonly key: string;
  /** The value, as it was given. */
  readonly value: string;
}

/** Values of {@linkcode GRANT_OPTIONS}. */
export interface GrantValues {
  /** Providers; every bundled one where it is empty. */
  readonly provider: readonly ProviderChoice[];
  /** Scopes; `all` for the bare flag. */
  readonly allowNet: readonly string[] | "all" | "none";
  /** Scopes that win. */
  readonly denyNet: readonly string[];
  /** Mounts. */
  readonly allowApply: readonly string[];
  /** Settings. */
  readonly set: readonly Setting[];
  /** Credentials, and the helpers that print them. */
  readonly credential: readonly CredentialChoice[];
  /** Workspaces of assets. */
  readonly workspace: readonly WorkspaceChoice[];
  /** Bytes. */
  readonly cacheSize: number | undefined;
  /** The least urgent entries that are logged. */
  readonly logLevel: Level;
}

/** What {@linkcode GRANT_OPTIONS} come to where none is given: nothing is granted. */
export const NO_GRANTS: GrantValues = {
  provider: [],
  allowNet: "none",
  denyNet: [],
  allowApply: [],
  set: [],
  credential: [],
  workspace: [],
  cacheSize: undefined,
  logLevel: "info",
};

/** Options of every command that builds a tree. */
export const GRANT_OPTIONS: { readonly [Key in keyof GrantValues]: OptionSpec<GrantValues[Key]> } = {
  provider: list(
    "--provider <choice>",
    "NAME[=FILE.wasm][,as=MOUNT], bundled or installed; every bundled one where not given; again for more",
    parseProvider,
    {
      values: "provider",
      setting: { key: "providers", kind: "words", example: 'providers = ["github", "dns,as=names"]' },
    },
  ),
  allowNet: {
    flags: "--allow-net [scopes]",
    summary:
      "hosts that providers may reach: HOST[:PORT],*.HOST,unix:/PATH; all of their needs without a value",
    initial: NO_GRANTS.allowNet,
    setting: { kind: "grant", example: 'allow-net = ["api.github.com"]' },
    read: (word, before) => mergeAllow(before, word),
  },
  denyNet: {
    flags: "--deny-net <scopes>",
    summary: "hosts that they may not reach in any case",
    initial: NO_GRANTS.denyNet,
    // What somebody refused stays refused.
    setting: { kind: "scopes", adds: true, example: 'deny-net = ["*.internal.example.com"]' },
    read: (word, before) => [...before, ...scopes(word)],
  },
  allowApply: {
    flags: "--allow-apply <mounts>",
    summary: "mounts whose drafts may be applied upstream",
    initial: NO_GRANTS.allowApply,
    values: "mount",
    setting: { kind: "scopes", example: 'allow-apply = ["github"]' },
    read: (word, before) => [...before, ...scopes(word)],
  },
  set: list(
    "--set <setting>",
    "MOUNT.KEY=VALUE, such as github.api_url=https://github.example.com/api/v3",
    parseSetting,
    {
      setting: {
        key: "settings",
        kind: "tables",
        adds: true,
        example: 'settings.github.api_url = "https://github.example.com/api/v3"',
      },
    },
  ),
  credential: list(
    "--credential <choice>",
    "[MOUNT.]NAME[=COMMAND], such as 'GITHUB_TOKEN=gh auth token'; a provider that is not bundled gets none without",
    parseCredential,
    {
      setting: { key: "credentials", kind: "words", example: 'credentials = ["GITHUB_TOKEN=gh auth token"]' },
    },
  ),
  workspace: list(
    "--workspace <dir>",
    "[NAME=]DIR: shows the assets of a workspace in packer/NAME, and keeps an eye on them; again for more",
    parseWorkspace,
    { values: "dir", setting: { key: "workspaces", kind: "words", example: 'workspaces = ["~/game"]' } },
  ),
  cacheSize: {
    flags: "--cache-size <size>",
    summary: "what the cache may hold, such as 256MiB",
    initial: NO_GRANTS.cacheSize,
    setting: { kind: "size", example: 'cache-size = "256MiB"' },
    read: parseSize,
  },
  logLevel: {
    ...choice("--log-level <level>", "least urgent entries of the log", LEVELS, NO_GRANTS.logLevel),
    setting: { kind: "word", example: 'log-level = "warn"' },
  },
};

/** Values of {@linkcode MOUNT_OPTIONS}. */
export interface MountValues extends GrantValues, WebhookValues {
  /** True where other users may enter. */
  readonly allowOther: boolean;
  /** True where the command stays until the mount ends. */
  readonly foreground: boolean;
  /** Who is told of changes by inotify. */
  readonly inotify: InotifyMode;
  /** True where nothing is asked, and no answer from before counts. */
  readonly noPrompt: boolean;
  /** Bytes after which the log of a background mount is put aside. */
  readonly logSize: number | undefined;
  /** The directory whose omnifs is to serve one more. */
  readonly join: string | undefined;
  /** True where an omnifs that is mounted there is to be replaced. */
  readonly replace: boolean;
}

/** {@linkcode GRANT_OPTIONS} and what only a mount takes. */
export const MOUNT_OPTIONS: { readonly [Key in keyof MountValues]: OptionSpec<MountValues[Key]> } = {
  ...GRANT_OPTIONS,
  ...WEBHOOK_OPTIONS,
  allowOther: {
    ...flag("--allow-other", "let other users enter the mount"),
    setting: { kind: "switch", example: "allow-other = true" },
  },
  foreground: flag("-f, --foreground", "stay in front, and log to standard error"),
  inotify: {
    ...choice(
      "--inotify <who>",
      "who is told of changes by inotify: who is seen to watch, whoever might, nobody",
      INOTIFY_MODES,
      "auto",
    ),
    setting: { kind: "word", example: 'inotify = "always"' },
  },
  logSize: {
    flags: "--log-size <size>",
    summary: "when a log is put aside, such as 1MiB; three older ones are kept",
    initial: undefined,
    setting: { kind: "size", example: 'log-size = "1MiB"' },
    read: parseSize,
  },
  join: text(
    "--join <dir>",
    "one more directory of the omnifs that serves this one: the same providers, or those of --provider",
    "daemon",
  ),
  replace: flag("--replace", "take the place of the omnifs that is mounted there, once this one is ready"),
  noPrompt: {
    ...flag("--no-prompt", "ask nothing on the terminal: what no flag grants is not granted"),
    setting: { kind: "switch", example: "no-prompt = true" },
  },
};

/** What every command asks that mounts: see `consent.ts`. */
export const MOUNT_PROMPTS: readonly PromptSpec[] = [
  { asks: "each host that a provider asks for and nothing grants", without: "--no-prompt" },
];

/** Options of every command that asks a running omnifs. */
export const DAEMON_OPTION: OptionSpec<string | undefined> = text(
  "--mount <dir>",
  "the omnifs mounted there, where more than one runs",
  "daemon",
);

/** True where any of the options was given that make a tree another one: then the command wants one of its own. */
export function saysAnything(given: ReadonlySet<string>): boolean {
  return Object.keys(GRANT_OPTIONS).some((key) => key !== "logLevel" && given.has(key));
}

/** The fewest words that say all of `flags`: `--allow-net=a` and `--allow-net=b` become `--allow-net=a,b`. */
export function joined(flags: readonly string[]): string {
  const values = new Map<string, Set<string>>();
  for (const flag of flags) {
    const [name = "", ...rest] = flag.split("=");
    const known = values.get(name) ?? new Set();
    values.set(name, known.add(rest.join("=")));
  }
  const words = [...values].map(([name, set]) => `${name}=${[...set].join(",")}`);
  return words.map((word) => /[*?[\]\s]/.test(word) ? `'${word}'` : word).join(" ");
}

/** What a daemon of these options is started with; without a mount point and a socket. */
export function daemonOptions(values: GrantValues, context: Context): DaemonOptions {
  return {
    dir: null,
    providers: values.provider.length > 0
      ? values.provider.map((choice) => located(choice, context.environment))
      : "default",
    allowNet: values.allowNet,
    denyNet: values.denyNet,
    allowApply: values.allowApply,
    settings: settings(values.set),
    credentials: values.credential,
    workspaces: values.workspace,
    credentialDir: credentialDir(context.environment),
    draftDir: draftDir(context.environment),
    cacheBytes: values.cacheSize,
    origins: context.origins,
    allowOther: false,
    socketPath: null,
    logLevel: values.logLevel,
    logSink: logSink(context),
    cacheDir: `${cacheDir(context.environment)}/components`,
    environment: context.environment,
  };
}

/** Where the log goes: to a file that stays small, in the background, and otherwise to standard error. */
export function logSink({ environment, err }: Context, bytes = LOG_LIMITS.bytes): (line: string) => void {
  const path = environment(LOG_VARIABLE);
  if (path === undefined || environment(READY_VARIABLE) === undefined) return (line) => err.line(line);
  const file = new RotatingFile(path, { ...LOG_LIMITS, bytes });
  return (line) => file.write(line);
}

/** `NAME[=SOURCE][,as=MOUNT]`. @throws {UsageError} where it is not that */
export function parseProvider(word: string, base?: string): ProviderChoice {
  const [, name, file, mount] = /^([a-z][a-z0-9-]*)(?:=(.+?))?(?:,as=([^,/]+))?$/.exec(word) ?? [];
  if (name === undefined) {
    throw new UsageError(`--provider takes NAME[=FILE.wasm][,as=MOUNT], not ${quote(word)}`, "");
  }
  const source = file === undefined || base === undefined ? file : absolute(file, base);
  return { name, mount: mount ?? name, ...(source === undefined ? {} : { source }) };
}

/** `MOUNT.KEY=VALUE`. @throws {UsageError} where it is not that */
export function parseSetting(word: string): Setting {
  const [, mount, key, value] = /^([^.=/]+)\.([^=]+)=(.*)$/s.exec(word) ?? [];
  if (mount === undefined || key === undefined || value === undefined) {
    throw new UsageError(`--set takes MOUNT.KEY=VALUE, not ${quote(word)}`, "");
  }
  return { mount, key, value };
}

/** `[MOUNT.]NAME[=COMMAND]`. @throws {UsageError} where it is not that */
export function parseCredential(word: string): CredentialChoice {
  const [, mount, name, command] = /^(?:([^.=/]+)\.)?([A-Za-z_]\w*)(?:=(.*\S.*))?$/s.exec(word) ?? [];
  if (name === undefined) {
    throw new UsageError(
      `--credential takes [MOUNT.]NAME[=COMMAND], not ${quote(word.split("=", 1)[0] ?? "")}`,
      "",
    );
  }
  return {
    name,
    ...(mount === undefined ? {} : { mount }),
    ...(command === undefined ? {} : { command: command.trim() }),
  };
}

/** `[NAME=]DIR`; the last name of the path where none is given. @throws {UsageError} where that is no name */
export function parseWorkspace(word: string, base?: string): WorkspaceChoice {
  const [, given, dir = ""] = /^(?:([^=/]+)=)?(.*)$/s.exec(word) ?? [];
  const path = absolute(dir, base);
  const name = given ?? path.slice(path.lastIndexOf("/") + 1);
  if (dir !== "" && nameFault(name) === undefined) return { name, path };
  throw new UsageError(`--workspace takes [NAME=]DIR, not ${quote(word)}`, "");
}

function settings(list: readonly Setting[]): Record<string, Record<string, string>> {
  const tree: Record<string, Record<string, string>> = {};
  for (const { mount, key, value } of list) (tree[mount] ??= {})[key] = value;
  return tree;
}

/** `provider` with the absolute path of its component, where it is not bundled. */
function located(provider: ProviderChoice, environment: Environment): ProviderChoice {
  if (provider.source === undefined) {
    const source = installedPath(provider.name, environment);
    return source === undefined ? provider : { ...provider, source };
  }
  if (provider.source.startsWith("/")) return provider;
  return { ...provider, source: `${Deno.cwd()}/${provider.source}` };
}

function mergeAllow(before: GrantValues["allowNet"], word: string): GrantValues["allowNet"] {
  if (word === "" || before === "all") return "all";
  return [...(before === "none" ? [] : before), ...scopes(word)];
}

function scopes(word: string): string[] {
  return word.split(",").map((scope) => scope.trim()).filter((scope) => scope !== "");
}
