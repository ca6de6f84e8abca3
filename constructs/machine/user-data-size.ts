import { gzipSync } from "node:zlib";
import type { Problem } from "../core/problems";
import type { UserData } from "./user-data";

/** What EC2 takes, bytes before base64. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
export const MAXIMUM_USER_DATA_BYTES = 16_384;

/** How many of the largest files an error names. */
const NAMED_FILES = 5;

/**
 * User data as EC2 takes it: compressed, in base64. cloud-init unpacks it. Equal texts give equal bytes on every system, as
 * long as Node.js brings the same zlib.
 */
export function packUserData({ text }: UserData): string {
  return compress(text).toString("base64");
}

/** Problems with the size of user data, with what takes the most room. @param path - Shape: `pools.gpu`. */
export function userDataProblems(path: string, userData: UserData): readonly Problem[] {
  const bytes = compress(userData.text).length;
  if (bytes <= MAXIMUM_USER_DATA_BYTES) return [];
  const sizes = userData.files
    .map((file) => ({ path: file.path, bytes: compress(file.content).length }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, NAMED_FILES);
  return [
    {
      path,
      rule: `has user data of ${bytes} bytes compressed, and EC2 takes ${MAXIMUM_USER_DATA_BYTES}`,
      fix: `shorten what takes the most: ${sizes.map((file) => `${file.path} (${file.bytes})`).join(", ")}`,
    },
  ];
}

/** The header says on which system a file was packed; that is taken out. @see https://www.rfc-editor.org/rfc/rfc1952 */
function compress(text: string): Buffer {
  const packed = gzipSync(text, { level: 9 });
  packed.writeUInt8(255, 9);
  return packed;
}
