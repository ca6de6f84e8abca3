import { paths } from "../paths";
import { jsonString } from "./json";

/** Where the functions that talk to AWS are on a machine. Sourced by other scripts. */
export const AWS_LIBRARY = `${paths.library}/aws`;

/**
 * Functions that ask the machine's metadata service (IMDSv2) and sign requests to AWS's APIs with the machine's role, by
 * curl alone. Tokens and credentials go to curl by its standard input, never into arguments, which every process can read.
 *
 * Signing a session's token along with the rest was proved with curl 7.88 (Debian 12).
 *
 * \`AWS_EC2_METADATA_SERVICE_ENDPOINT\`, \`AWS_ENDPOINT_URL_SECRETS_MANAGER\` and \`AWS_ENDPOINT_URL_AUTO_SCALING\` lead
 * elsewhere, as they do for AWS's own tools.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 * @see https://curl.se/docs/manpage.html#--aws-sigv4
 */
export const aws = `imds_url=\${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
imds_token=
imds_curl() { # configuration on standard input; arguments of curl
  curl --disable --config - --noproxy '*' --silent --connect-timeout 2 --max-time 5 --max-filesize 65536 "$@"
}
# A token for an hour. Without one that is well-formed nothing can be asked.
imds_login() {
  imds_token=$(printf 'header = "X-aws-ec2-metadata-token-ttl-seconds: 3600"\\n' |
    imds_curl --fail --request PUT "$imds_url/latest/api/token" 2>/dev/null) || imds_token=
  case "$imds_token" in
  "" | *[!A-Za-z0-9+/=_-]*)
    imds_token=
    return 1
    ;;
  esac
}
# imds <path>: sets imds_status (000 without a whole answer) and imds_body, which is empty for all but 200.
imds() {
  imds_body=$(printf 'header = "X-aws-ec2-metadata-token: %s"\\n' "$imds_token" |
    imds_curl --write-out '\\n%{http_code}' "$imds_url/latest/$1" 2>/dev/null) || imds_body=000
  imds_status=$(printf '%s\\n' "$imds_body" | tail -n 1)
  case "$imds_status" in
  200) imds_body=$(printf '%s\\n' "$imds_body" | sed '$d') ;;
  401)
    imds_body=
    imds_token=
    ;;
  *) imds_body= ;;
  esac
}
${jsonString}# Credentials of the role; says on standard error what is missing.
role_credentials() {
  imds_login || {
    echo "no token from $imds_url: is the metadata service on, and its hop limit 1 or more?" >&2
    return 1
  }
  imds meta-data/iam/security-credentials/
  role_name=$(printf '%s\\n' "$imds_body" | head -n 1)
  case "$role_name" in
  "" | *[!A-Za-z0-9+=,.@_-]*)
    echo "the metadata service names no role (HTTP $imds_status): has the machine an instance profile?" >&2
    return 1
    ;;
  esac
  imds "meta-data/iam/security-credentials/$role_name"
  aws_key_id=$(printf '%s' "$imds_body" | json AccessKeyId)
  aws_secret_key=$(printf '%s' "$imds_body" | json SecretAccessKey)
  aws_session_token=$(printf '%s' "$imds_body" | json Token)
  case "$aws_key_id:$aws_secret_key:$aws_session_token" in
  :* | *: | *::* | *[!A-Za-z0-9+/=:_-]*)
    echo "the metadata service gave no credentials of role $role_name (HTTP $imds_status)" >&2
    return 1
    ;;
  esac
}
signed_seconds=15
# signed <region> <service> <URL> <arguments of curl...>: sets aws_status (000 without a whole answer) and aws_body. Gives up
# after signed_seconds. An access key of its own has no session.
signed() {
  signed_region=$1
  signed_service=$2
  signed_url=$3
  shift 3
  signed_session=
  [ -z "$aws_session_token" ] || signed_session="header = \\"X-Amz-Security-Token: $aws_session_token\\""
  aws_body=$(printf 'user = "%s:%s"\\n%s\\n' "$aws_key_id" "$aws_secret_key" "$signed_session" |
    curl --disable --config - --silent --connect-timeout 5 --max-time "$signed_seconds" --max-filesize 262144 \\
      --aws-sigv4 "aws:amz:$signed_region:$signed_service" --write-out '\\n%{http_code}' "$@" "$signed_url" 2>/dev/null) || aws_body=000
  aws_status=$(printf '%s\\n' "$aws_body" | tail -n 1)
  aws_body=$(printf '%s\\n' "$aws_body" | sed '$d')
}
# What an API said of a failure: never more than its kind and a line of text.
aws_failure() {
  if [ "$aws_status" = 000 ]; then
    echo "no answer within $signed_seconds s"
    return
  fi
  said=$(printf '%s' "$aws_body" | json '__type')
  [ -n "$said" ] || said=$(printf '%s' "$aws_body" | tr -d '\\n' | sed -n 's:.*<Code>\\([^<]*\\)</Code>.*:\\1:p')
  text=$(printf '%s' "$aws_body" | json '[Mm]essage')
  printf 'HTTP %s %s %s\\n' "$aws_status" "\${said##*#}" "$text" | tr -cd '[:print:]\\n' | cut -c 1-300 | sed 's/ *$//'
}
`;
