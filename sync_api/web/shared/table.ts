/** A table of this browser's own, by key: what lies there never travels. Keys that cannot be taken out may lie in it. */
export class Table<T> {
  constructor(
    private readonly database: string,
    private readonly name: string,
  ) {}

  get(key: string): Promise<T | undefined> {
    return this.run('readonly', (table) => table.get(key));
  }

  all(): Promise<T[]> {
    return this.run('readonly', (table) => table.getAll());
  }

  keys(): Promise<string[]> {
    return this.run('readonly', (table) => table.getAllKeys());
  }

  /** Of two tabs that add at the same time the first one's stays. */
  async add(key: string, value: T): Promise<void> {
    await this.run('readwrite', (table) => table.add(value, key)).catch((error: unknown) => {
      if ((error as DOMException).name !== 'ConstraintError') throw error;
    });
  }

  async put(key: string, value: T): Promise<void> {
    await this.run('readwrite', (table) => table.put(value, key));
  }

  async delete(key: string): Promise<void> {
    await this.run('readwrite', (table) => table.delete(key));
  }

  private async run<R>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest): Promise<R> {
    const opening = indexedDB.open(this.database, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(this.name);
    const database = await settled<IDBDatabase>(opening);
    try {
      return await settled<R>(work(database.transaction(this.name, mode).objectStore(this.name)));
    } finally {
      database.close();
    }
  }
}

function settled<R>(request: IDBRequest): Promise<R> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as R);
    request.onerror = () => reject(request.error);
  });
}
