import type { Moto } from "./moto";

const SCOPE = "20260101/us-east-1/s3/aws4_request";
const Authorization = `AWS4-HMAC-SHA256 Credential=test/${SCOPE}, SignedHeaders=host, Signature=none`;

/** Buckets of moto's S3, asked without a signature that counts. */
export class Objects {
  constructor(private readonly moto: Pick<Moto, "url">) {}

  public async makeBucket(bucket: string): Promise<void> {
    await this.ask("PUT", bucket);
  }
  public async put(bucket: string, key: string, text: string): Promise<void> {
    await this.ask("PUT", `${bucket}/${key}`, text);
  }
  /** Text of an object; undefined where there is none. */
  public async get(bucket: string, key: string): Promise<string | undefined> {
    const answer = await fetch(`${this.moto.url}/${bucket}/${key}`, { headers: { Authorization } });
    return answer.status === 404 ? undefined : await textOf(`GET ${key}`, answer);
  }
  /** Keys of a bucket, sorted. */
  public async keys(bucket: string): Promise<readonly string[]> {
    const text = await this.ask("GET", `${bucket}?list-type=2`);
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => key);
  }

  private async ask(method: string, path: string, body?: string): Promise<string> {
    const init = { method, headers: { Authorization }, ...(body === undefined ? {} : { body }) };
    return await textOf(`${method} ${path}`, await fetch(`${this.moto.url}/${path}`, init));
  }
}

async function textOf(what: string, answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${what} gave ${answer.status}: ${text}`);
  return text;
}
