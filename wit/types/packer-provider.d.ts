// world omnifs:provider/packer-provider@1.0.0
import type * as OmnifsProviderLog from './interfaces/omnifs-provider-log.d.ts'; // omnifs:provider/log@1.0.0
import type * as OmnifsProviderPackerWrite from './interfaces/omnifs-provider-packer-write.d.ts'; // omnifs:provider/packer-write@1.0.0
import type * as OmnifsProviderPacker from './interfaces/omnifs-provider-packer.d.ts'; // omnifs:provider/packer@1.0.0
import type * as OmnifsProviderTypes from './interfaces/omnifs-provider-types.d.ts'; // omnifs:provider/types@1.0.0
import type * as OmnifsProviderEvents from './interfaces/omnifs-provider-events.d.ts'; // omnifs:provider/events@1.0.0
import type * as OmnifsProviderMutations from './interfaces/omnifs-provider-mutations.d.ts'; // omnifs:provider/mutations@1.0.0
import type * as OmnifsProviderManifest from './interfaces/omnifs-provider-manifest.d.ts'; // omnifs:provider/manifest@1.0.0
import type * as OmnifsProviderProvider from './interfaces/omnifs-provider-provider.d.ts'; // omnifs:provider/provider@1.0.0
export interface ImportObject {
  'omnifs:provider/log@1.0.0': typeof OmnifsProviderLog,
  'omnifs:provider/packer-write@1.0.0': typeof OmnifsProviderPackerWrite,
  'omnifs:provider/packer@1.0.0': typeof OmnifsProviderPacker,
  'omnifs:provider/types@1.0.0': typeof OmnifsProviderTypes,
}
export interface PackerProvider {
  'omnifs:provider/events@1.0.0': typeof OmnifsProviderEvents,
  events: typeof OmnifsProviderEvents,
  'omnifs:provider/mutations@1.0.0': typeof OmnifsProviderMutations,
  mutations: typeof OmnifsProviderMutations,
  'omnifs:provider/manifest@1.0.0': typeof OmnifsProviderManifest,
  manifest: typeof OmnifsProviderManifest,
  'omnifs:provider/provider@1.0.0': typeof OmnifsProviderProvider,
  provider: typeof OmnifsProviderProvider,
}

/**
* Instantiates this component with the provided imports and
* returns a map of all the exports of the component.
*
* This function is intended to be similar to the
* `WebAssembly.Instantiate` constructor. The second `imports`
* argument is the "import object" for wasm, except here it
* uses component-model-layer types instead of core wasm
* integers/numbers/etc.
*
* The first argument to this function, `getCoreModule`, is
* used to compile core wasm modules within the component.
* Components are composed of core wasm modules and this callback
* will be invoked per core wasm module. The caller of this
* function is responsible for reading the core wasm module
* identified by `path` and returning its compiled
* `WebAssembly.Module` object. This would use the
* `WebAssembly.Module` constructor on the web, for example.
*/
export function instantiate(
getCoreModule: (path: string) => WebAssembly.Module,
imports: ImportObject,
instantiateCore?: (module: WebAssembly.Module, imports: Record<string, any>) => WebAssembly.Instance
): PackerProvider;
export function instantiate(
getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
imports: ImportObject,
instantiateCore?: (module: WebAssembly.Module, imports: Record<string, any>) => WebAssembly.Instance | Promise<WebAssembly.Instance>
): PackerProvider | Promise<PackerProvider>;

