/**
 * What a query costs by Linear's own rule: a property a tenth of a point, an object a point, and a connection what
 * one of its items costs times its page (https://linear.app/developers/rate-limiting).
 *
 * @module
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  parse,
  type SelectionSetNode,
} from "graphql";

/** The most that a single query may cost. */
export const MOST_COMPLEX = 10_000;

/** The page of a connection that names none. */
const USUAL_PAGE = 50;

/** The cost of `query` in points, rounded up; one that cannot be read costs nothing. */
export function complexityOf(query: string, variables: Readonly<Record<string, unknown>>): number {
  const document = read(query);
  if (document === undefined) return 0;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) {
    if (one.kind === "FragmentDefinition") fragments.set(one.name.value, one);
  }
  const count = (set: SelectionSetNode): number =>
    set.selections.reduce((sum, one) => {
      if (one.kind === "InlineFragment") return sum + count(one.selectionSet);
      if (one.kind === "Field") return sum + costOf(one);
      const fragment = fragments.get(one.name.value);
      return sum + (fragment === undefined ? 0 : count(fragment.selectionSet));
    }, 0);
  const costOf = (field: FieldNode): number => {
    if (field.selectionSet === undefined) return 0.1;
    const list = field.selectionSet.selections.some((one) =>
      one.kind === "Field" && one.name.value === "nodes"
    );
    const inside = count(field.selectionSet);
    return list ? inside * pageOf(field, variables) : 1 + inside;
  };
  const operations = document.definitions.filter((one) => one.kind === "OperationDefinition");
  const points = operations.reduce((sum, one) => sum + count(one.selectionSet), 0);
  // Tenths do not add up exactly in binary.
  return Math.ceil(points - 1e-6);
}

function pageOf(field: FieldNode, variables: Readonly<Record<string, unknown>>): number {
  const value = field.arguments?.find((argument) => argument.name.value === "first")?.value;
  const given = value?.kind === "Variable" ? variables[value.name.value] : undefined;
  return value?.kind === "IntValue" ? Number(value.value) : typeof given === "number" ? given : USUAL_PAGE;
}

function read(query: string): DocumentNode | undefined {
  try {
    return parse(query, { noLocation: true });
  } catch {
    return undefined;
  }
}
