/**
 * `omnifs completions`
 *
 * @module
 */
import { meant } from "../../base/nearest.ts";
import { type Command, command, quote, UsageError } from "../command.ts";
import { SCRIPTS, SHELLS } from "../completion_scripts.ts";

/** Prints the script with which a shell completes omnifs. */
export const completions: Command = command({
  name: "completions",
  summary: "A script for bash, zsh or fish that completes commands, options, and paths of the tree",
  arguments: [{ form: "<shell>", summary: "bash, zsh or fish", values: SHELLS }],
  options: {},
  formats: ["human"],
  examples: [
    {
      line: "completions bash > ~/.local/share/bash-completion/completions/omnifs",
      summary: "for every bash to come",
    },
    { line: "completions zsh > ~/.zfunc/_omnifs", summary: "a folder of your fpath, before compinit" },
    { line: "completions fish > ~/.config/fish/completions/omnifs.fish", summary: "for every fish" },
  ],
  run({ out, words: [word = ""] }) {
    const shell = SHELLS.find((each) => each === word);
    if (shell === undefined) {
      const message = `there are completions for ${SHELLS.join(", ")}, not for ${quote(word)}`;
      throw new UsageError(message + meant(word, SHELLS), "omnifs completions bash");
    }
    out.text(SCRIPTS[shell]);
    return Promise.resolve();
  },
});
