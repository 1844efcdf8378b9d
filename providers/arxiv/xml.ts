/**
 * XML as this provider reads it: elements by their local names, text with its white space collapsed.
 *
 * @module
 */
import { parseXml, XmlElement } from "@rgrove/parse-xml";
import { unavailable } from "../sdk/mod.ts";

/** The root element of `text`. No entity is ever expanded but the five of XML, and nothing is fetched. */
export function rootOf(text: string): XmlElement {
  const root = parsed(text);
  if (root === null) throw unavailable("the upstream answered an empty XML document");
  return root;
}

function parsed(text: string): XmlElement | null {
  try {
    return parseXml(text, { ignoreUndefinedEntities: true }).root;
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw unavailable(`the upstream answered something that is not XML: ${why}`);
  }
}

/** An element's name without its prefix: which prefix stands for which namespace, and where, has changed before. */
export function localName(element: XmlElement): string {
  return element.name.slice(element.name.indexOf(":") + 1);
}

/** The child elements called `name`, in order. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child instanceof XmlElement).filter((child) =>
    localName(child) === name
  );
}

/** The text of the first child called `name`, white space collapsed; undefined where it is absent or empty. */
export function textOf(element: XmlElement, name: string): string | undefined {
  const [child] = childrenOf(element, name);
  const text = child === undefined ? "" : collapsed(child.text);
  return text === "" ? undefined : text;
}

/** An attribute; undefined where it is absent or empty. */
export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  const value = element?.attributes[name];
  return value === undefined || value === "" ? undefined : value;
}

/** `text` in one line. */
export function collapsed(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

export type { XmlElement };
