/**
 * Lists as GitHub filters and orders them.
 *
 * @module
 */
import { type Json, number, object, objects, text } from "./json.ts";

/** Those of `items`, issues or comments, that the query of `url` asks for. */
export function chosen(items: readonly Json[], url: URL): Json[] {
  const query = url.searchParams;
  const since = query.get("since") ?? "";
  const state = query.get("state") ?? "open";
  const labels = query.get("labels")?.split(",") ?? [];
  const milestone = query.get("milestone");
  return items.filter((item) =>
    // The backend has milliseconds, which GitHub does not have.
    text(item, "updated_at").replace(/\.\d+Z$/, "Z") >= since &&
    (state === "all" || item["state"] === undefined || item["state"] === state) &&
    labels.every((label) => namesOf(item).includes(label)) &&
    (milestone === null || numberOf(item["milestone"]) === Number(milestone))
  );
}

function namesOf(item: Json): string[] {
  return objects(item["labels"] ?? []).map((label) => text(label, "name"));
}

function numberOf(milestone: unknown): number | undefined {
  return milestone === null || milestone === undefined ? undefined : number(object(milestone), "number");
}

/** `items` in the order that the query of `url` asks for; newest first unless told. `key` grows with their age. */
export function inOrder(items: readonly Json[], url: URL, key: "number" | "id"): Json[] {
  const updated = url.searchParams.get("sort") === "updated";
  const sign = url.searchParams.get("direction") === "asc" ? 1 : -1;
  return items.toSorted((a, b) => {
    const dates = updated ? text(a, "updated_at").localeCompare(text(b, "updated_at")) : 0;
    return sign * (dates || number(a, key) - number(b, key));
  });
}
