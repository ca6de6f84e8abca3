import { AWS_LIBRARY } from "./aws";
import { fetchSecretsScript } from "./fetch-secrets";

/**
 * Gets this machine's entry of Secrets Manager: \`fetch-secrets <region> <secret>\`.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export const awsSecrets = fetchSecretsScript({
  place: "region",
  library: AWS_LIBRARY,
  endpoint: "${AWS_ENDPOINT_URL_SECRETS_MANAGER:-https://secretsmanager.$region.amazonaws.com}",
  initial: "aws_status=000\naws_body=",
  credentials: "role_credentials",
  ask: `  signed "$region" secretsmanager "$endpoint/" --request POST \\
    --header 'Content-Type: application/x-amz-json-1.1' --header 'X-Amz-Target: secretsmanager.GetSecretValue' \\
    --data "{\\"SecretId\\":\\"$secret\\"}"
  if [ "$aws_status" != 200 ]; then
    reason=$(aws_failure)
    case "$reason" in
    *InvalidRequestException* | *ValidationException* | *InvalidParameterException* | *DecryptionFailure* | *IncompleteSignature* | *SignatureDoesNotMatch*)
      fail "$reason"
      ;;
    esac
    return 1
  fi`,
  text: `printf '%s' "$aws_body" | json SecretString | sed 's/\\\\n/\\n/g;s:\\\\/:/:g'`,
});
