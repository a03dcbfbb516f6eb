/** What authors of providers over HTTP use, beside `@anyseries/core/provider`: what can wait for the first request is best imported with it. */
export { type BodyWriter, utf8, writeBody } from './http/body-writer.ts';
export { createHttp, type Http, type HttpRequest, type HttpResponse, type HttpSettings, type Purpose } from './http/http.ts';
export { path } from './http/path.ts';
export { parseJson, readJson, readText } from './http/response.ts';
export { type EncodedRequest, type HttpSenderDefinition, httpSender } from './http/sender.ts';
export { createTransport, type Transport, type TransportRequest, type TransportResponse } from './transport/transport.ts';
export { classifyFailure, classifyResponse, retryAfterMs, statusError } from './write/classify.ts';
