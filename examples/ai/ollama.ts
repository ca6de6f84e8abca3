import type { Construct } from "constructs";
import { OllamaService } from "../../constructs/ai/inference/ollama";

/** Models that are pulled by a task. The seed named them where Ollama expects a directory, and held a GPU that it did not ask for. */
export const ollama = (scope: Construct) =>
  new OllamaService(scope, "Ollama", {
    name: "ollama",
    model: "codellama:7b",
    moreModels: ["llama3.2:3b"],
    pool: "workstations",
    contextTokens: 4096,
    cache: "hf-cache",
  });
