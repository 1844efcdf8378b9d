/**
 * Every command by its name, loaded when it is wanted.
 *
 * @module
 */
import { type Command, quote, UsageError } from "./command.ts";
import { meant, nearest } from "../base/nearest.ts";

/** In the order in which help shows them. */
const LOADERS: Readonly<Record<string, () => Promise<Command>>> = {
  "demo": async () => (await import("./commands/demo.ts")).demo,
  "mount": async () => (await import("./commands/mount.ts")).mount,
  "unmount": async () => (await import("./commands/unmount.ts")).unmount,
  "restart": async () => (await import("./commands/restart.ts")).restart,
  "service install": async () => (await import("./commands/service_install.ts")).serviceInstall,
  "service uninstall": async () => (await import("./commands/service_uninstall.ts")).serviceUninstall,
  "service status": async () => (await import("./commands/service_status.ts")).serviceStatus,
  "service unit": async () => (await import("./commands/service_unit.ts")).serviceUnit,
  "ls": async () => (await import("./commands/ls.ts")).ls,
  "cat": async () => (await import("./commands/cat.ts")).cat,
  "find": async () => (await import("./commands/find.ts")).find,
  "status": async () => (await import("./commands/status.ts")).status,
  "logs": async () => (await import("./commands/logs.ts")).logs,
  "metrics": async () => (await import("./commands/metrics.ts")).metrics,
  "events": async () => (await import("./commands/events.ts")).events,
  "inspect": async () => (await import("./commands/inspect.ts")).inspect,
  "webhook url": async () => (await import("./commands/webhook_url.ts")).webhookUrl,
  "webhook test": async () => (await import("./commands/webhook_test_command.ts")).webhookTest,
  "webhook deliveries": async () => (await import("./commands/webhook_deliveries.ts")).webhookDeliveries,
  "draft new": async () => (await import("./commands/draft_new.ts")).draftNew,
  "draft ls": async () => (await import("./commands/draft_ls.ts")).draftLs,
  "draft show": async () => (await import("./commands/draft_show.ts")).draftShow,
  "draft write": async () => (await import("./commands/draft_write.ts")).draftWrite,
  "draft unstage": async () => (await import("./commands/draft_unstage.ts")).draftUnstage,
  "draft diff": async () => (await import("./commands/draft_diff.ts")).draftDiff,
  "draft apply": async () => (await import("./commands/draft_apply.ts")).draftApply,
  "draft rebase": async () => (await import("./commands/draft_rebase.ts")).draftRebase,
  "draft discard": async () => (await import("./commands/draft_discard.ts")).draftDiscard,
  "cache drop": async () => (await import("./commands/cache_drop.ts")).cacheDrop,
  "cache stats": async () => (await import("./commands/cache_stats.ts")).cacheStats,
  "packer status": async () => (await import("./commands/packer_status.ts")).packerStatus,
  "packer reconcile": async () => (await import("./commands/packer_reconcile.ts")).packerReconcile,
  "packer doctor": async () => (await import("./commands/packer_doctor.ts")).packerDoctor,
  "packer build": async () => (await import("./commands/packer_build.ts")).packerBuild,
  "grants ls": async () => (await import("./commands/grants_ls.ts")).grantsLs,
  "grants rm": async () => (await import("./commands/grants_rm.ts")).grantsRm,
  "auth login": async () => (await import("./commands/auth_login.ts")).authLogin,
  "auth status": async () => (await import("./commands/auth_status.ts")).authStatus,
  "auth logout": async () => (await import("./commands/auth_logout.ts")).authLogout,
  "auth import": async () => (await import("./commands/auth_import.ts")).authImport,
  "provider inspect": async () => (await import("./commands/provider_inspect.ts")).providerInspect,
  "provider ls": async () => (await import("./commands/provider_ls.ts")).providerLs,
  "provider add": async () => (await import("./commands/provider_add.ts")).providerAdd,
  "provider rm": async () => (await import("./commands/provider_rm.ts")).providerRm,
  "provider new": async () => (await import("./commands/provider_new.ts")).providerNew,
  "provider build": async () => (await import("./commands/provider_build.ts")).providerBuild,
  "provider test": async () => (await import("./commands/provider_test.ts")).providerTest,
  "doctor": async () => (await import("./commands/doctor.ts")).doctor,
  "completions": async () => (await import("./commands/completions.ts")).completions,
  "man": async () => (await import("./commands/man.ts")).man,
  "version": async () => (await import("./commands/version.ts")).version,
  "help": async () => (await import("./commands/help.ts")).help,
};

/** What shells ask, and no person. */
const HIDDEN: Readonly<Record<string, () => Promise<Command>>> = {
  "__complete": async () => (await import("./commands/complete.ts")).completeCommand,
};

/** Names of every command, in the order of the help. */
export const COMMAND_NAMES: readonly string[] = Object.keys(LOADERS);

/** What people type for a command of another name. */
const SYNONYMS: Readonly<Record<string, string>> = {
  "--version": "version",
  "-V": "version",
  "-v": "version",
  "--help": "help",
  "-h": "help",
  "umount": "unmount",
};

/** The command that `argv` begins with, and the words after its name. */
export interface Resolved {
  /** The command. */
  readonly command: Command;
  /** The words after its name. */
  readonly rest: readonly string[];
}

/**
 * The command that `argv` names; `help` where it names none.
 *
 * @throws {UsageError} where there is no such command; the message says which one was probably meant
 */
export async function resolve(argv: readonly string[]): Promise<Resolved> {
  const first = argv[0] ?? "help";
  const pair = argv.slice(0, 2).join(" ");
  const single = SYNONYMS[first] ?? first;
  const hidden = Object.hasOwn(HIDDEN, first) ? HIDDEN[first] : undefined;
  if (hidden !== undefined) return { command: await hidden(), rest: argv.slice(1) };
  for (const [name, words] of [[pair, 2], [single, 1]] as const) {
    if (Object.hasOwn(LOADERS, name)) return { command: await load(name), rest: argv.slice(words) };
  }
  if (isHelp(argv[1]) && groupOf(first).length > 0) return { command: await load("help"), rest: [first] };
  throw unknown(first, argv[1]);
}

function isHelp(word: string | undefined): boolean {
  return word === "--help" || word === "-h";
}

/** The commands whose first word of two is `first`. */
export function groupOf(first: string): readonly string[] {
  return COMMAND_NAMES.filter((name) => name.startsWith(`${first} `));
}

/** The command called `name`, which is one of {@linkcode COMMAND_NAMES}. */
export async function load(name: string): Promise<Command> {
  const loader = LOADERS[name];
  if (loader === undefined) throw unknown(name, undefined);
  return await loader();
}

function unknown(first: string, second: string | undefined): UsageError {
  const group = groupOf(first);
  if (group.length > 0) {
    const choices = group.map((name) => `omnifs ${name}`).join(", ");
    const what = second === undefined || second.startsWith("-")
      ? `omnifs ${first} needs one more word`
      : `omnifs ${first} has no ${quote(second)}${
        meant(second, group.map((name) => name.slice(first.length + 1)))
      }`;
    return new UsageError(what, choices);
  }
  const near = nearest(first, COMMAND_NAMES);
  if (near === undefined) return new UsageError(`there is no command ${quote(first)}`, "omnifs help");
  return new UsageError(
    `there is no command ${quote(first)}; did you mean ${quote(near)}?`,
    `omnifs ${near}`,
  );
}
