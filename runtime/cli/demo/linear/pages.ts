/**
 * Lists as Linear gives them: filtered, and in pages of Relay's kind.
 *
 * @module
 */
import { inputError } from "./errors.ts";
import type { Entity } from "./records.ts";

/** The arguments of a connection. */
export interface PageArguments {
  /** Items a page. */
  readonly first?: number | null;
  /** The cursor of the page before. */
  readonly after?: string | null;
  /** Items of the last page, backwards. */
  readonly last?: number | null;
  /** The cursor of the page behind. */
  readonly before?: string | null;
  /** Which items. */
  readonly filter?: Filter | null;
  /** True: those that are archived too. */
  readonly includeArchived?: boolean | null;
  /** The youngest first, by this date. */
  readonly orderBy?: "createdAt" | "updatedAt" | null;
}

/** A filter: comparators and filters of related records by their field, `and`, `or`. */
export interface Filter {
  /** By field, comparator, `and` or `or`. */
  readonly [field: string]: unknown;
}

/** Items a page unless a query says otherwise, and the most that it can ask for (https://linear.app/developers/pagination). */
const [USUAL_PAGE, LARGEST_PAGE] = [50, 250];

/** One page, as Relay's connections have it. */
export interface Connection<Item> {
  /** Its items. */
  readonly nodes: readonly Item[];
  /** The same, each with its cursor. */
  readonly edges: readonly { readonly node: Item; readonly cursor: string }[];
  /** Whether there is more, and where. */
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** One page of `all`, which is oldest first; Linear's lists begin with the youngest. */
export function connection<Item extends Entity>(
  all: readonly Item[],
  given: PageArguments,
): Connection<Item> {
  const { first, after, filter, includeArchived, orderBy } = given;
  const size = first ?? USUAL_PAGE;
  if (size < 1 || size > LARGEST_PAGE) throw inputError(`first must be between 1 and ${LARGEST_PAGE}`);
  const items = all.filter((item) => includeArchived === true || item.archivedAt === null)
    .filter((item) => matches(item, filter ?? {})).toReversed();
  if (orderBy === "updatedAt") items.sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  const start = typeof after === "string" ? items.findIndex(({ id }) => id === after) + 1 : 0;
  if (typeof after === "string" && start === 0) throw inputError("after is no cursor of this list");
  if (typeof given.last === "number") return lastOf(items, given.last, given.before);
  const nodes = items.slice(start, start + size);
  return {
    nodes,
    edges: nodes.map((node) => ({ node, cursor: node.id })),
    pageInfo: {
      hasNextPage: start + size < items.length,
      hasPreviousPage: start > 0,
      startCursor: nodes[0]?.id ?? null,
      endCursor: nodes.at(-1)?.id ?? null,
    },
  };
}

/** The page before a cursor, or the one at the end of the list. */
function lastOf<Item extends Entity>(
  items: readonly Item[],
  size: number,
  before: string | null | undefined,
) {
  const end = typeof before === "string" ? items.findIndex(({ id }) => id === before) : items.length;
  if (end < 0) throw inputError("before is no cursor of this list");
  const nodes = items.slice(Math.max(0, end - size), end);
  return {
    nodes,
    edges: nodes.map((node) => ({ node, cursor: node.id })),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: end > size,
      startCursor: nodes[0]?.id ?? null,
      endCursor: nodes.at(-1)?.id ?? null,
    },
  };
}

/** Relations that a record holds under another name than the schema has for them. */
const RECORDS: Readonly<Record<string, string>> = { labels: "labelRecords", teams: "teamRecords" };

const COMPARATORS: Readonly<Record<string, (value: unknown, given: unknown) => boolean>> = {
  eq: (value, given) => value === given,
  neq: (value, given) => value !== given,
  in: (value, given) => Array.isArray(given) && given.includes(value),
  nin: (value, given) => Array.isArray(given) && !given.includes(value),
  null: (value, given) => (value === null) === given,
  contains: (value, given) => typeof value === "string" && value.includes(String(given)),
  gt: (value, given) => typeof value === typeof given && String(value) > String(given),
  gte: (value, given) => typeof value === typeof given && String(value) >= String(given),
};

function matches(value: unknown, filter: Filter): boolean {
  return Object.entries(filter).every(([name, given]) => {
    if (name === "and") return filters(given).every((one) => matches(value, one));
    if (name === "or") return filters(given).some((one) => matches(value, one));
    if (name === "some") {
      return Array.isArray(value) && value.some((one) => matches(one, { ...Object(given) }));
    }
    const compare = COMPARATORS[name];
    if (compare !== undefined) return compare(value, given);
    if (typeof given !== "object" || given === null) {
      throw inputError(`the stand-in has no comparator ${name}`);
    }
    const key = RECORDS[name] ?? name;
    const field: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
    return field !== undefined && matches(field, { ...given });
  });
}

function filters(given: unknown): Filter[] {
  return Array.isArray(given) ? given : [];
}
