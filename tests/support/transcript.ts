/**
 * The transcripts of a page: what a person types, and what the page says that they see.
 *
 * @module
 */

/** One command of a transcript. */
export interface Step {
  /** What is typed. */
  readonly command: string;
  /** What is shown of it, without the newline at its end. */
  readonly output: string;
}

/** The commands of a block whose commands stand behind `$`. */
export function stepsIn(block: string): Step[] {
  return block.split(/^\$ /m).slice(1).map((step) => {
    const [command = "", ...lines] = step.trimEnd().split("\n");
    return { command, output: lines.join("\n") };
  });
}

/** The transcript of `page` that stands under the comment `mark`. */
export function stepsOf(page: string, mark: string): Step[] {
  const [, after = ""] = page.split(`<!-- ${mark} -->\n`);
  return stepsIn((/^((?: {4}.*\n|\n)+)/.exec(after)?.[1] ?? "").replaceAll(/^ {4}/gm, "").trimEnd());
}
