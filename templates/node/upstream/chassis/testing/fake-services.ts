/** Fakes of other services: `fetch` calls these functions instead of their hosts. */

type Answer = (request: Request) => Response | Promise<Response>;

const answers = new Map<string, Answer>();
const realFetch = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const answer = answers.get(new URL(request.url).origin);
  return answer ? answer(request) : realFetch(request);
};

/** Respond with `answer` to requests for the service at `url`. */
export function fakeService(url: string, answer: Answer): void {
  answers.set(new URL(url).origin, answer);
}
