/** Settings of a driver that have no property here yet, in the driver's own spelling. They win over properties. */
export interface ExtraConfig {
  /** Unchecked; the client refuses what its driver does not know. @default {} */
  readonly extra?: Readonly<Record<string, unknown>>;
}
