// What the mock answers where it answers nothing else: the error shape of the series API.
export class Refusal extends Error {
  constructor(status, kind, message, place = '') {
    super(message);
    Object.assign(this, { status, kind, place });
  }
}

export const forbidden = (message, place = '') => new Refusal(403, 'forbidden', message, place);
export const notFound = (message, place) => new Refusal(404, 'not_found', message, place);
