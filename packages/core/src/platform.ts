/** The parts of Node that core uses where they exist; reached without an import, so that everything also runs where they do not. */
export interface Platform {
  readonly Buffer?: { byteLength(text: string): number };
  readonly process?: {
    getBuiltinModule?(name: string): unknown;
    on?(event: 'beforeExit', listener: () => void): unknown;
    removeListener?(event: 'beforeExit', listener: () => void): unknown;
    emitWarning?(warning: string, options: { readonly type: string }): void;
  };
}

export const platform: Platform = globalThis as Platform;
