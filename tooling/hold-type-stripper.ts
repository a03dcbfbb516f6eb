import { stripTypeScriptTypes } from 'node:module';

// Threads that start from sources strip types with a WebAssembly module. While nobody else holds it, V8 frees and compiles its code with each
// thread that ends and starts, which now and then crashes the process (nodejs/node#64500). Held here, all threads share one.
stripTypeScriptTypes('');
