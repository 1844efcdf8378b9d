/**
 * Linear's schema, answered from a workspace.
 *
 * @module
 */
import { addMocksToSchema } from "@graphql-tools/mock";
import { makeExecutableSchema } from "@graphql-tools/schema";
import type { GraphQLSchema } from "graphql";
import { resolversOf } from "../../../runtime/cli/demo/linear/resolvers.ts";
import type { Workspace } from "../../../runtime/cli/demo/linear/workspace.ts";

/** The schema that answers from `workspace`; what no record holds is made up. */
export function schemaOf(typeDefs: string, workspace: Workspace): GraphQLSchema {
  const schema = makeExecutableSchema({ typeDefs, resolvers: resolversOf(workspace) });
  const date = () => "2026-01-01T00:00:00.000Z";
  const mocks = {
    DateTime: date,
    TimelessDate: () => "2026-01-01",
    JSON: () => ({}),
    JSONObject: () => ({}),
    Duration: () => 0,
  };
  return addMocksToSchema({ schema, preserveResolvers: true, mocks });
}
