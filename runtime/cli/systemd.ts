/**
 * Units of the user's systemd: how a mount is started at login, and asked about.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Environment } from "../control/places.ts";

/** What a unit runs. */
export interface UnitParts {
  /** The absolute mount point. */
  readonly dir: string;
  /** The program and its words, up to `mount -f DIR …`. */
  readonly command: readonly string[];
  /** Where relative paths in them begin. */
  readonly cwd: string;
}

/** The variable by which a daemon knows the unit that it runs in. */
export const UNIT_VARIABLE = "OMNIFS_UNIT";

/** The name of the unit for the mount at the absolute path `dir`, as `systemd-escape --path` writes paths. */
export function unitName(dir: string): string {
  const path = dir.split("/").filter((name) => name !== "").join("/");
  const bytes = [...new TextEncoder().encode(path)];
  const escaped = bytes.map((byte, index) => escapedByte(String.fromCharCode(byte), byte, index === 0));
  return `omnifs-${escaped.join("") || "-"}.service`;
}

/** systemd.unit(5), "String escaping for inclusion in unit names". */
function escapedByte(character: string, byte: number, first: boolean): string {
  if (character === "/") return "-";
  if (/[A-Za-z0-9:_]/.test(character) || (character === "." && !first)) return character;
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

/**
 * The text of a unit.
 *
 * What is missing is missing on purpose: whatever gives the service a mount namespace of its own (PrivateTmp,
 * ProtectSystem and their kin) would keep the mount from everybody else, and whatever needs NoNewPrivileges (system
 * call filters of a user's unit, too) would keep the setuid `fusermount3` from mounting. See systemd.exec(5).
 */
export function unitText({ dir, command, cwd }: UnitParts): string {
  const name = unitName(dir);
  return `[Unit]
Description=omnifs on ${specifiers(dir)}
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=exec
ExecStart=${command.map(quoted).join(" ")}
WorkingDirectory=${specifiers(cwd)}
Environment=${quoted(`${UNIT_VARIABLE}=${name}`)}
# Tokens, a line each: NAME=VALUE. The file is for you alone: chmod 600.
EnvironmentFile=-%E/omnifs/environment
# A dead mount of a crash is replaced at the next start.
Restart=on-failure
RestartSec=2
TimeoutStopSec=30
KillMode=mixed
# No mount namespace of its own and no NoNewPrivileges: the first would hide the mount, the second
# would keep fusermount3 from making it. omnifs walls its own threads in.
UMask=0077
LimitCORE=0
LimitNOFILE=65536
TasksMax=512

[Install]
WantedBy=default.target
`;
}

/** `word` as one word of `ExecStart=` (systemd.service(5), "Command lines"; systemd.syntax(7), "Quoting"). */
function quoted(word: string): string {
  const plain = specifiers(word).replaceAll("$", "$$$$");
  if (/^[\w@%+=:,./$*-]+$/.test(plain)) return plain;
  const escaped = plain.replace(/[\\"]/g, "\\$&").replace(CONTROL, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f]/g;

/** A sign of percent begins a specifier (systemd.unit(5)). */
function specifiers(text: string): string {
  return text.replaceAll("%", "%%");
}

/** The folder of the user's own units. */
export function unitDir(environment: Environment): string {
  return `${environment("XDG_CONFIG_HOME") || `${environment("HOME") || "/"}/.config`}/systemd/user`;
}

/** Runs `systemctl --user`; what it printed. @throws {OmnifsError} `unavailable` where it fails or is not there */
export async function systemctl(...words: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await asked(words);
  if (success) return new TextDecoder().decode(stdout);
  const said = new TextDecoder().decode(stderr).trim().split("\n")[0];
  throw new OmnifsError("unavailable", `systemctl --user ${words.join(" ")}: ${said || "it failed"}`, {
    mend: "loginctl enable-linger, or log in anew; then the same again",
  });
}

async function asked(words: readonly string[]): Promise<Deno.CommandOutput> {
  const args = ["--user", ...words];
  try {
    const command = new Deno.Command("systemctl", { args, stdin: "null", stdout: "piped", stderr: "piped" });
    return await command.output();
  } catch (error) {
    throw new OmnifsError("unavailable", "there is no systemctl: this machine is not run by systemd", {
      mend: "omnifs mount DIR, from what starts your session",
      cause: error,
    });
  }
}
