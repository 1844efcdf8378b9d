/**
 * How each question that can be asked as data is answered.
 *
 * @module
 */
import type { PackerAsk, PackerCalls } from "../base/packer.ts";
import type { Packer } from "./packer.ts";
import type { Reader } from "./readers.ts";

/** The answer to each question. */
export const ANSWERS: {
  readonly [Ask in PackerAsk]: (
    packer: Packer,
    request: PackerCalls[Ask]["request"],
  ) => PackerCalls[Ask]["response"] | Promise<PackerCalls[Ask]["response"]>;
} = {
  status: (packer) => packer.status(),
  registry: (packer) => read(packer, (reader) => reader.registry()),
  assets: (packer, { selection }) => read(packer, (reader) => reader.assets(selection)),
  asset: (packer, { asset }) => read(packer, (reader) => reader.asset(asset)),
  files: (packer, { asset, path }) => read(packer, (reader) => reader.files(asset, path)),
  read: async (packer, { asset, path, offset, length }) => {
    using reader = packer.reader();
    return await reader.read(asset, path, offset, length);
  },
  latestBuild: (packer) => packer.builds.latest(),
  readBuild: (packer, { offset, length }) => packer.builds.read(offset, length),
  divergences: (packer) => packer.divergences(),
  preview: (packer, { commands }) => packer.preview(commands),
  commit: (packer, { commands, correlation }) => packer.commit(commands, correlation),
  moment: (packer) => packer.moment(),
  committed: (packer, { correlation, since }) => packer.committed(correlation, since),
  reconcile: (packer, { accept, correlation }) => packer.reconcile(accept, correlation),
  doctor: (packer, { deep }) => packer.doctor(deep),
  build: (packer, { to }) => packer.build(to),
};

function read<Value>(packer: Packer, ask: (reader: Reader) => Value): Value {
  using reader = packer.reader();
  return ask(reader);
}
