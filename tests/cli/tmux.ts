/**
 * A terminal that a test types on and looks at: a tmux server of its own.
 *
 * @module
 */
import { has, run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { DEADLINE, omnifsCommand, type Place } from "./fixture.ts";

/** False where there is no tmux. */
export const isTmuxThere: boolean = await has("tmux");

/** A screen in tmux. */
export interface Screen extends AsyncDisposable {
  /** Types keys, in tmux's names. */
  type(...keys: readonly string[]): Promise<void>;
  /** What stands on it, line by line; with `looks` the sequences that colour it too. */
  lines(looks?: boolean): Promise<string[]>;
  /** Waits until `pattern` is on it, and answers all of it. */
  shows(pattern: RegExp): Promise<string>;
  /** Gives it another size. */
  resize(columns: number, rows: number): Promise<void>;
  /** A variable of tmux, such as `alternate_on`. */
  variable(name: string): Promise<string>;
}

/** Runs `omnifs` with `args` in a shell on a screen; the shell says `rc` and the exit code, and stays. */
export async function onTmux(
  { dir, env }: Pick<Place, "dir" | "env">,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Screen> {
  const socket = `${dir}/tmux`;
  const options = { env: { ...env, ...more, LC_ALL: "C.UTF-8" }, deadline: DEADLINE };
  const tmux = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await run(
      "tmux",
      ["-u", "-f", "/dev/null", "-S", socket, ...words],
      options,
    );
    if (code !== 0) throw new Error(`tmux ${words.join(" ")}: ${stderr}`);
    return stdout;
  };
  const [program, words] = omnifsCommand(args);
  const line = [program, ...words].map((word) => `'${word}'`).join(" ");
  await tmux("new-session", "-d", "-x", "100", "-y", "30", `echo before; ${line}; echo rc $?; exec sh -i`);
  const lines: Screen["lines"] = async (looks = false) => {
    const text = await tmux("capture-pane", "-p", ...(looks ? ["-e"] : []));
    return text.replace(/\n$/, "").split("\n");
  };
  return {
    type: async (...keys) => void await tmux("send-keys", ...keys),
    lines,
    async shows(pattern) {
      let text = "";
      await until(
        async () => pattern.test(text = (await lines()).join("\n")),
        DEADLINE,
        `${pattern} on the screen`,
      ).catch((error) => {
        throw new Error(`${error.message}; it shows:\n${text}`);
      });
      return text;
    },
    resize: async (columns, rows) =>
      void await tmux("resize-window", "-x", String(columns), "-y", String(rows)),
    variable: async (name) => (await tmux("display-message", "-p", `#{${name}}`)).trim(),
    [Symbol.asyncDispose]: async () => void await tmux("kill-server").catch(() => {}),
  };
}
