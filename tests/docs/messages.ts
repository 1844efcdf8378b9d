/**
 * The messages of errors that say what mends them, as they stand in the sources.
 *
 * @module
 */

/** A message in the sources. */
export interface Message {
  /** The file, from the top of the repository. */
  readonly file: string;
  /** The text, with `…` for each part that is filled in. */
  readonly text: string;
}

/** The constructions that are looked for, and the place of the message and of the mend among their arguments. */
const ERRORS: Readonly<
  Record<string, { readonly message: number; readonly mend: (rest: readonly string[]) => boolean }>
> = {
  OmnifsError: { message: 1, mend: (rest) => rest.some((argument) => /\bmend\b/.test(argument)) },
  MountError: { message: 1, mend: (rest) => rest.length > 0 },
};

/** Every message in `source` whose error has a mend. One that is put together elsewhere cannot be read here. */
export function messagesIn(file: string, source: string): Message[] {
  return [...source.matchAll(/new (OmnifsError|MountError)\(/g)].flatMap(
    ({ 0: whole, 1: name = "", index }) => {
      const { message, mend } = ERRORS[name] ?? { message: 0, mend: () => false };
      const given = argumentsFrom(source, index + whole.length);
      const text = textOf(given[message] ?? "");
      return text === undefined || !mend(given.slice(message + 1)) ? [] : [{ file, text }];
    },
  );
}

/** The arguments of a call whose parenthesis ends before `at`. */
function argumentsFrom(source: string, at: number): string[] {
  const given: string[] = [];
  let start = at;
  for (;;) {
    const end = expressionEnd(source, at, ",)");
    const argument = source.slice(start, end).trim();
    if (argument !== "") given.push(argument);
    if (source[end] !== ",") return given;
    at = start = end + 1;
  }
}

/** Where the expression at `at` ends: before the first of `ends` that is in no parenthesis and in no text. */
function expressionEnd(source: string, at: number, ends: string): number {
  let depth = 0;
  for (; at < source.length; at++) {
    const sign = source[at] ?? "";
    if (depth === 0 && ends.includes(sign)) return at;
    if ("\"'`".includes(sign)) at = literalEnd(source, at) - 1;
    else if ("({[".includes(sign)) depth++;
    else if (")}]".includes(sign)) depth--;
  }
  return at;
}

/** Where the text that begins at `at` ends. */
function literalEnd(source: string, at: number): number {
  const quote = source[at];
  for (at++; at < source.length && source[at] !== quote; at++) {
    if (source[at] === "\\") at++;
    else if (quote === "`" && source.startsWith("${", at)) at = expressionEnd(source, at + 2, "}");
  }
  return at + 1;
}

/** The text of a literal, or of one alone in the middle of an expression; undefined where it is no literal. */
function textOf(argument: string): string | undefined {
  if (!/^["'`]/.test(argument) || literalEnd(argument, 0) !== argument.length) return undefined;
  let text = "";
  for (let at = 1; at < argument.length - 1; at++) {
    if (argument.startsWith("${", at) && argument[0] === "`") {
      at = expressionEnd(argument, at + 2, "}");
      text += "…";
    } else text += argument[at] === "\\" ? argument[++at] : argument[at];
  }
  return text.replaceAll(/…+/g, "…");
}
