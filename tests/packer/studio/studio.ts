/**
 * A small studio that embeds the packer: it shows what the packer answers, sends it commands, and redraws on its events.
 * It reads no file of the workspace and holds no rule: what is stale, what diverges and what can be done about it are
 * the packer's words.
 *
 * @module
 */
import type {
  AssetDocument,
  DivergenceDocument,
  Packer,
  PackerCommand,
  PackerStatus,
} from "../../../runtime/mod.ts";
import type { Container } from "./container.ts";

/** What the studio shows. */
export interface Screen {
  /** Of the project. */
  readonly title: string;
  /** One line for each asset. */
  readonly assets: readonly string[];
  /** What a person is asked to decide, with a button for each choice. */
  readonly questions: readonly { readonly text: string; readonly buttons: readonly string[] }[];
}

/** One open project. */
export class Studio {
  readonly #packer: Packer;
  readonly #unsubscribe: () => void;
  #screen: Screen;
  /** Called after each redraw. */
  onDraw: (screen: Screen) => void = () => {};

  private constructor(packer: Packer, { bus }: Container) {
    this.#packer = packer;
    this.#screen = screenOf(packer.status(), assetsOf(packer));
    this.#unsubscribe = bus.subscribe(({ type, data }) => {
      if (type.startsWith("packer.") && "project" in data && data.project === packer.name) this.#draw();
    });
  }

  /** Opens the workspace at an absolute path. */
  static async open(container: Container, workspace: string): Promise<Studio> {
    const packer = await container.omnifs.openWorkspace({ workspace, program: "a small studio" });
    return new Studio(packer, container);
  }

  /** What is shown. */
  get screen(): Screen {
    return this.#screen;
  }

  /** A person pressed something that changes the project; what went wrong is shown in the packer's own words. */
  async press(...commands: PackerCommand[]): Promise<string> {
    try {
      const { generation } = await this.#packer.commit(commands);
      return `generation ${generation}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** A person pressed a button of a question. */
  async answer(question: number, button: string): Promise<void> {
    const divergence = this.#packer.divergences()[question];
    if (divergence !== undefined) await this.#packer.reconcile([{ id: divergence.id, choice: button }]);
  }

  /** Leaves the project open, and shows it no more. */
  close(): void {
    this.#unsubscribe();
  }

  #draw(): void {
    this.#screen = screenOf(this.#packer.status(), assetsOf(this.#packer));
    this.onDraw(this.#screen);
  }
}

function assetsOf(packer: Packer): AssetDocument[] {
  using reader = packer.reader();
  return reader.assets();
}

function screenOf(
  { project, generation, state, divergences }: PackerStatus,
  assets: readonly AssetDocument[],
): Screen {
  return {
    title: `${project}, generation ${generation}: ${state}`,
    assets: assets.map(({ id, name, root, includedInBuild }) =>
      `${includedInBuild ? "[x]" : "[ ]"} ${id} ${name} (${root})`
    ),
    questions: divergences.map(questionOf),
  };
}

function questionOf({ path, detail, choices }: DivergenceDocument) {
  return { text: `${path}: ${detail}`, buttons: choices.map(({ name }) => name) };
}
