import type { Job } from "../../constructs/jobspec/job";
import { agent } from "./ai-agent";
import { appHostNetwork } from "./ai-app-host-network";
import { appPrestart } from "./ai-app-prestart";
import { exampleStructure } from "./ai-example-structure";
import { exampleTemplate } from "./ai-example-template";
import { mistral24b } from "./ai-mistral-24b";
import { mistral7b } from "./ai-mistral-7b";
import { myService } from "./ai-my-service";
import { neo4jSetup } from "./ai-neo4j-setup";
import { neo4j } from "./ai-neo4j";
import { nodeMonitor } from "./ai-node-monitor";
import { ollama } from "./ai-ollama";
import { orchestrator } from "./ai-orchestrator";
import { rayHead } from "./ai-ray-head";
import { rayWorker } from "./ai-ray-worker";
import { sglangGatewayComplete } from "./ai-sglang-gateway-complete";
import { sglangGatewayPattern } from "./ai-sglang-gateway-pattern";
import { surrealdb } from "./ai-surrealdb";
import { vllmWithCache } from "./ai-vllm-hf-cache";
import { vllmMulti } from "./ai-vllm-multi";
import { vllmSingle } from "./ai-vllm-single";
import { workers } from "./ai-workers";
import { nginx } from "./mr-nginx";
import { exampleScaled } from "./sc-example-scaled";
import { example } from "./sc-example";
import { distributedTraining } from "./ts-distributed-training";
import { logCollector } from "./ts-log-collector";
import { mlTraining } from "./ts-ml-training";
import { monitoring } from "./ts-monitoring";

/** The seeds' jobs as they are in the files of ../seeds, by the name of the file without `.nomad.hcl`. */
export const jobs: Readonly<Record<string, Job>> = {
  "ai-agent": agent,
  "ai-app-host-network": appHostNetwork,
  "ai-app-prestart": appPrestart,
  "ai-example-structure": exampleStructure,
  "ai-example-template": exampleTemplate,
  "ai-mistral-24b": mistral24b,
  "ai-mistral-7b": mistral7b,
  "ai-my-service": myService,
  "ai-neo4j-setup": neo4jSetup,
  "ai-neo4j": neo4j,
  "ai-node-monitor": nodeMonitor,
  "ai-ollama": ollama,
  "ai-orchestrator": orchestrator,
  "ai-ray-head": rayHead,
  "ai-ray-worker": rayWorker,
  "ai-sglang-gateway-complete": sglangGatewayComplete,
  "ai-sglang-gateway-pattern": sglangGatewayPattern,
  "ai-surrealdb": surrealdb,
  "ai-vllm-hf-cache": vllmWithCache,
  "ai-vllm-multi": vllmMulti,
  "ai-vllm-single": vllmSingle,
  "ai-workers": workers,
  "mr-nginx": nginx,
  "sc-example-scaled": exampleScaled,
  "sc-example": example,
  "ts-distributed-training": distributedTraining,
  "ts-log-collector": logCollector,
  "ts-ml-training": mlTraining,
  "ts-monitoring": monitoring,
};
