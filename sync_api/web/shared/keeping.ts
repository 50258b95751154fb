/** Where small texts are kept under names: localStorage, or what a person has sealed on a tablet. */
export interface Keeping {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem(name: string): void;
  /** Reads anew what another tab may have written. */
  fresh?(name: string): Promise<void>;
  /** Resolves when other tabs can read what was set. */
  settled?(): Promise<void>;
}

/** Kept until the page is left. */
export class Passing implements Keeping {
  private readonly texts = new Map<string, string>();

  getItem(name: string): string | null {
    return this.texts.get(name) ?? null;
  }

  setItem(name: string, text: string): void {
    this.texts.set(name, text);
  }

  removeItem(name: string): void {
    this.texts.delete(name);
  }
}
