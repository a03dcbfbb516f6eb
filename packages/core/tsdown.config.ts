import { build } from '../../tooling/tsdown.ts';

export default build('src/index.ts', 'src/provider.ts', 'src/http.ts', 'src/server.ts', 'src/node.ts', 'src/transport/node.ts', 'src/transport/fetch.ts');
