/**
 * Changes a JSON text in one place and keeps every other byte: unknown keys, order, indentation, line ends.
 *
 * @module
 */
import { applyEdits, findNodeAtLocation, modify, type Node, parseTree } from "jsonc-parser";
import { OmnifsError } from "../base/errors.ts";

/** The keys that lead to a value. */
export type Keys = readonly (string | number)[];

/** `text` with the value at `keys` replaced. */
export function replacedValue(text: string, keys: Keys, value: string | number | boolean): string {
  return applyEdits(text, modify(text, [...keys], value, {}));
}

/** `text` without the property or element at `keys`. */
export function removedValue(text: string, keys: Keys): string {
  return applyEdits(text, modify(text, [...keys], undefined, {}));
}

/** `text` with the property `name` in the outermost object: after the property `after` where that is there. */
export function insertedProperty(text: string, name: string, value: string, after: string): string {
  const object = nodeAt(text, [], "object");
  const property = `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
  const siblings = object.children ?? [];
  const before = siblings.find((each) => each.children?.[0]?.value === after) ?? siblings.at(-1);
  return inserted(text, object, before, property);
}

/** `text` with `value` as the last element of the array at `keys`, written as its neighbours are. */
export function appendedElement(text: string, keys: Keys, value: Readonly<Record<string, unknown>>): string {
  const array = nodeAt(text, keys, "array");
  const last = array.children?.at(-1);
  const isOnOneLine = last !== undefined && !sourceOf(text, last).includes("\n");
  return inserted(text, array, last, isOnOneLine ? oneLine(value) : severalLines(text, last ?? array, value));
}

function nodeAt(text: string, keys: Keys, type: Node["type"]): Node {
  const tree = parseTree(text);
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, [...keys]);
  if (node?.type === type) return node;
  throw new OmnifsError("internal", `there is no ${type} to change at ${keys.join(".") || "the top"}`);
}

/** Puts `content` after `before` with the white space that stands in front of it, or alone into `parent`. */
function inserted(text: string, parent: Node, before: Node | undefined, content: string): string {
  if (before === undefined) {
    const outer = indentAt(text, parent.offset);
    const eol = eolOf(text);
    const [open, close] = [text.slice(0, parent.offset + 1), text.slice(parent.offset + parent.length - 1)];
    return `${open}${eol}${outer}${unitOf(text)}${content}${eol}${outer}${close}`;
  }
  const end = before.offset + before.length;
  return `${text.slice(0, end)},${spaceBefore(text, before)}${content}${text.slice(end)}`;
}

function spaceBefore(text: string, node: Node): string {
  return /\s*$/.exec(text.slice(0, node.offset))?.[0] ?? "";
}

function oneLine(value: Readonly<Record<string, unknown>>): string {
  const properties = Object.entries(value).map(([key, each]) =>
    `${JSON.stringify(key)}: ${JSON.stringify(each)}`
  );
  return `{ ${properties.join(", ")} }`;
}

/** `value` with its lines indented as those of `neighbour`, or as a child of it where that is the array. */
function severalLines(text: string, neighbour: Node, value: Readonly<Record<string, unknown>>): string {
  const unit = unitOf(text);
  const outer = indentAt(text, neighbour.offset) + (neighbour.type === "array" ? unit : "");
  return JSON.stringify(value, null, unit).replaceAll("\n", eolOf(text) + outer);
}

/** The white space at the beginning of the line of `offset`. */
function indentAt(text: string, offset: number): string {
  const begin = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(begin, offset))?.[0] ?? "";
}

/** One step of indentation: that of the first line that has any. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? "  ";
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function sourceOf(text: string, { offset, length }: Node): string {
  return text.slice(offset, offset + length);
}
