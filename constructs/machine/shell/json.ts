/** Defines `json <name>`. Enough for the flat answers that scripts read; needs no tool that an image may lack. */
export const jsonString = `# json <name>: the value of a string in the JSON on standard input, as it is written there
json() {
  tr -d '\\n' | sed -n 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"\\([^"]*\\)".*/\\1/p'
}
`;
