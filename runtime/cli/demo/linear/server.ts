/**
 * A stand-in for Linear: its GraphQL API over the sample workspace.
 *
 * @module
 */
import { buildSchema, executeSync, type ExecutionResult, type GraphQLFieldResolver, parse } from "graphql";
import { listen, type Listening } from "../http.ts";
import { sampleWorkspace } from "./data.ts";
import { type Resolvers, resolversOf } from "./resolvers.ts";
import { SCHEMA } from "./schema.ts";

/** What is posted. */
interface Asked {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Starts it, on a port that is free. */
export function startLinear(): Listening {
  const answer = answersFrom(resolversOf(sampleWorkspace()));
  return listen(async (request) => {
    const asked: Asked = await request.json();
    const result = answer(asked);
    const status = result.errors?.map(({ extensions }) => extensions["statusCode"]).find((one) =>
      typeof one === "number"
    );
    return Response.json(result, { status: status ?? 200 });
  });
}

/** Executes queries; what no resolver answers is a field of the record itself. */
function answersFrom(resolvers: Resolvers): (asked: Asked) => ExecutionResult {
  const schema = buildSchema(SCHEMA);
  const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (source, given, _, info) => {
    const fields = resolvers[info.parentType.name] ?? {};
    if (Object.hasOwn(fields, info.fieldName)) return fields[info.fieldName]?.(source, given);
    return typeof source === "object" && source !== null ? Reflect.get(source, info.fieldName) : undefined;
  };
  return ({ query, variables }) =>
    executeSync({ schema, document: parse(query), variableValues: variables ?? {}, fieldResolver });
}
