/**
 * Keeps a router's workers as Nomad's discovery has them, so that the router itself goes on when they come and go. `local/workers` has
 * the address of each. A worker joins once it answers, since a registration says only that its task has started.
 *
 * @see https://docs.sglang.io/advanced_features/sgl_model_gateway.html#worker-management-apis
 */
export const SYNC_WORKERS = `import json
import os
import sys
import time
import urllib.error
import urllib.request

ROUTER = "http://" + os.environ["ROUTER"]
HEALTH = os.environ["WORKER_HEALTH"]
FILE = os.path.join(os.environ["NOMAD_TASK_DIR"], "workers")
PAUSE = 1.0


def call(method, url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read()


def answers(url):
    try:
        call("GET", url + HEALTH)
        return True
    except OSError:
        return False


def sync():
    with open(FILE) as file:
        wanted = {line.strip() for line in file if line.strip()}
    has = {worker["url"]: worker["id"] for worker in json.loads(call("GET", ROUTER + "/workers"))["workers"]}
    for url in sorted(has.keys() - wanted):
        call("DELETE", ROUTER + "/workers/" + has[url])
        print("removed", url, flush=True)
    for url in sorted(wanted - has.keys()):
        if answers(url):
            call("POST", ROUTER + "/workers", {"url": url})
            print("added", url, flush=True)


failed = False
while True:
    try:
        sync()
        failed = False
    except (OSError, ValueError, KeyError) as error:
        # The router starts a little later than this, and a call can be lost: the next round makes up for it.
        if not failed:
            print("trying again:", error, file=sys.stderr, flush=True)
        failed = True
    time.sleep(PAUSE)
`;
