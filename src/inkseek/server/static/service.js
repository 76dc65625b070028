// The service: every question to it goes through `ask`.

import { takeFromFragment } from "./fragment.js";

const TOKEN = "inkseek-token";

// The service gives no answer at all: it was stopped, or the network is gone.
export class Unreachable extends Error {}

// A service on another address wants a token. It comes in the fragment, which is sent to nobody,
// and goes with the tab.
function findToken() {
  const token = takeFromFragment("token");
  try {
    if (token) sessionStorage.setItem(TOKEN, token);
    return token ?? sessionStorage.getItem(TOKEN);
  } catch {
    return token;
  }
}

const token = findToken();

// The headers that every question carries.
export const authorization = token ? { Authorization: `Bearer ${token}` } : {};

export async function ask(url, { headers, ...options } = {}) {
  let response;
  try {
    response = await fetch(url, { headers: { ...headers, ...authorization }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable("inkseek does not answer. Is it still running?");
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({ detail: `the service failed (${response.status})` }));
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

export function post(url, body = {}, options = {}) {
  const headers = { "Content-Type": "application/json" };
  return ask(url, { method: "POST", headers, body: JSON.stringify(body), ...options });
}
