import { build } from '../../tooling/tsdown.ts';

export default build(
  'src/index.ts',
  'src/provider.ts',
  'src/http.ts',
  'src/node.ts',
  'src/server.ts',
  'src/transport/node.ts',
  'src/transport/fetch.ts',
);
