import { Token } from "cdktf";
import { AssumptionError, assertValid } from "../../core/problems";

/** What EC2 takes, bytes before base64. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
export const MAXIMUM_USER_DATA_BYTES = 16_384;

/**
 * User data that EC2 takes.
 *
 * @param path - whose it is, for the error. Shape: `pools.gpu`.
 * @returns the same text.
 * @throws ValidationError when it is too long.
 * @throws AssumptionError when there is none, or it holds a reference: its length would not be known before an apply.
 */
export function checkedUserData(path: string, text: string | undefined): string {
  if (text === undefined) throw new AssumptionError(`${path} has no user data`);
  if (Token.isUnresolved(text)) throw new AssumptionError(`user data of ${path} holds a Terraform reference`);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAXIMUM_USER_DATA_BYTES)
    assertValid(path, [
      {
        path,
        rule: `has user data of ${bytes} bytes, and EC2 takes ${MAXIMUM_USER_DATA_BYTES}`,
        fix: "move files into the image, or fetch them at boot",
      },
    ]);
  return text;
}
