import { stripVTControlCharacters } from "node:util";

interface UiMessage {
  readonly "@level"?: string;
  readonly "@message"?: string;
  readonly type?: string;
  readonly hook?: {
    readonly resource?: { readonly addr?: string };
    readonly action?: string;
    readonly output?: string;
  };
  readonly change?: { readonly resource?: { readonly addr?: string }; readonly action?: string };
  readonly changes?: { readonly add: number; readonly change: number; readonly remove: number };
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail?: string;
    readonly address?: string;
  };
}

/** What Terraform's SSH communicator says of every login. It would push what the machine said out of sight. */
const LOGIN =
  /^(Connecting to remote host via SSH\.\.\.| {2}((Host|User|Target Platform): .*|(Password|Private key|Certificate|SSH Agent|Checking Host Key): (true|false))|Connected!)\s*$/;

/** Reads Terraform's machine-readable output, one JSON object per line. */
export class Messages {
  public readonly planned: { address: string; action: string }[] = [];
  public changes: UiMessage["changes"];
  private readonly errors: { address: string | undefined; text: string }[] = [];
  private readonly output = new Map<string, string[]>();

  constructor(
    private readonly redact: (text: string) => string,
    private readonly progress: (text: string) => void = () => undefined,
  ) {}

  /** Takes in one line, and returns what of it belongs into the log. */
  public read(line: string): string[] {
    let message: UiMessage;
    try {
      message = JSON.parse(line) as UiMessage;
    } catch {
      return [line];
    }
    const address = message.hook?.resource?.addr ?? "";
    switch (message.type) {
      case "planned_change": {
        const { resource, action } = message.change ?? {};
        this.planned.push({ address: resource?.addr ?? "", action: action ?? "" });
        break;
      }
      case "change_summary":
        this.changes = message.changes;
        break;
      case "provision_progress": {
        const said = (message.hook?.output ?? "").split("\n").filter((text) => text.trim() !== "");
        const telling = said.map(stripVTControlCharacters).filter((text) => !LOGIN.test(text));
        this.output.set(address, [...(this.output.get(address) ?? []), ...telling].slice(-20));
        return said.map((text) => `${address}: ${text}`);
      }
      case "apply_start":
        this.progress(`${message.hook?.action ?? "change"} ${address}`);
        break;
      case undefined:
        break;
      case "diagnostic": {
        const { severity, summary, detail = "", address: where } = message.diagnostic ?? { severity: "", summary: "" };
        const text = [summary, detail].filter((part) => part !== "").join("\n");
        if (severity === "error") this.errors.push({ address: where, text });
        return [`${severity}: ${where === undefined ? "" : `${where}: `}${text}`];
      }
    }
    return message["@message"] === undefined ? [] : [message["@message"]];
  }

  /** What to show of a failure: each error, and what the machine said last before it. */
  public failure(): string | undefined {
    if (this.errors.length === 0) return undefined;
    const parts = this.errors.map(({ address, text }) => {
      const said = address === undefined ? [] : (this.output.get(address) ?? []);
      return [...said.map((line) => `  | ${line}`), address === undefined ? text : `${address}: ${text}`].join("\n");
    });
    return this.redact([...new Set(parts)].join("\n"));
  }
}
