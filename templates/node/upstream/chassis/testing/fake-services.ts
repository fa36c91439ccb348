/** Stands in for other services: `fetch` asks these functions instead of hosts that tests do not have. */

type Answer = (request: Request) => Response | Promise<Response>;

const answers = new Map<string, Answer>();
const realFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const answer = answers.get(new URL(request.url).origin);
  return answer ? answer(request) : realFetch(request);
};

/** Has `answer` asked instead of the service at `url`. */
export function standIn(url: string, answer: Answer): void {
  answers.set(new URL(url).origin, answer);
}
