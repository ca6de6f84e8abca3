/** What a machine costs on demand, by a public price list. */
export interface Price {
  /** Linux, on demand, without disks, traffic and taxes. */
  readonly usdPerHour: number;
  /** Where the list is from. */
  readonly source: string;
  /** Of the list. Shape: `2025-06-05`. */
  readonly date: string;
}

/** Prices by type of machine. What is not here is not known: prices are never guessed. */
export type Prices = ReadonlyMap<string, Price>;
