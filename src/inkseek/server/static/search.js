// Questions to the service. Only the newest search is ever answered.

export async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("inkseek does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({ detail: `the service failed (${response.status})` }));
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

export class LiveSearch {
  #request = null;

  // The answer, or null when a newer search or `cancel` came in between.
  async search(body) {
    this.cancel();
    const request = (this.#request = new AbortController());
    try {
      const answer = await ask("/api/search", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: request.signal,
      });
      return this.#request === request ? answer : null;
    } catch (error) {
      if (this.#request !== request) return null;
      throw error;
    }
  }

  cancel() {
    this.#request?.abort();
    this.#request = null;
  }
}
